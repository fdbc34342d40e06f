//! `[workspace.registration]`: who may register a client, and what such a client may be (RFC 7591 §5).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::nickname::Nickname;
use super::workspace::Problem;
use crate::base::Seconds;
use crate::protocol::claims::{SCOPE_AUTHENTICATORS, SCOPES};
use crate::protocol::client::{ClientMetadata, MAX_REFRESH_TOKEN_LIFETIME};
use crate::protocol::client_check::check_key_set;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::registration::{Asked, MAY_BE_OPENED, invalid_metadata};
use crate::protocol::scope::Scopes;
use crate::protocol::words::{AuthMethod, Consent, GrantType, Profile, ResponseType, SigningAlg};

/// Addresses in one list of a registration.
const MAX_ADDRESSES: usize = 20;
const MAX_CONTACTS: usize = 10;
/// The longest that a secret or an unused client may be set to live, and days in it.
const LONGEST: Seconds = MAX_REFRESH_TOKEN_LIFETIME;
const MOST_DAYS: u32 = 365;

/// Who may register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Off,
    /// Whoever brings a token that the operator has made (RFC 7591 §1.2).
    InitialAccessToken,
    Open,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistrationRules {
    pub mode: Mode,
    /// What a client may ask for, and gets if it does not say.
    pub scope: Scopes,
    pub grant_types: Vec<GrantType>,
    pub response_types: Vec<ResponseType>,
    pub token_endpoint_auth_methods: Vec<AuthMethod>,
    /// Every registered client lives by these, as they are now.
    pub policies: Vec<String>,
    /// `remembered` or `required`.
    pub consent: Consent,
    /// Every registered client gets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Members of ours that clients may set all the same.
    pub registrant_may_set: Vec<String>,
    /// Where redirect addresses and the like may lead: `host`, or `*.parent`. Empty: anywhere.
    pub redirect_hosts: Vec<String>,
    pub max_clients: u32,
    /// Registrations from one address of the network, and changes of one client.
    pub tries_per_hour: u32,
    /// A client that nobody has signed in to for so long goes. 0: it stays.
    pub expire_unused_after_days: u32,
    /// 0: secrets do not expire.
    pub client_secret_lifetime: Seconds,
    pub require_software_statement: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub software_statement_issuers: Vec<StatementIssuer>,
}

/// Whose software statements are believed (RFC 7591 §2.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementIssuer {
    pub issuer: String,
    pub jwks: Value,
}

impl Default for RegistrationRules {
    fn default() -> Self {
        // What people have set up, and how they proved themselves, is nothing for strangers.
        let for_strangers = |scope: &&str| *scope != SCOPE_AUTHENTICATORS && *scope != "evidence";
        Self {
            mode: Mode::Off,
            scope: SCOPES.iter().copied().filter(for_strangers).collect(),
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            response_types: vec![ResponseType::Code],
            token_endpoint_auth_methods: AuthMethod::ALL.to_vec(),
            policies: Vec::new(),
            consent: Consent::Remembered,
            profile: None,
            registrant_may_set: Vec::new(),
            redirect_hosts: Vec::new(),
            max_clients: 1_000,
            tries_per_hour: 60,
            expire_unused_after_days: 90,
            client_secret_lifetime: Seconds(0),
            require_software_statement: false,
            software_statement_issuers: Vec::new(),
        }
    }
}

impl RegistrationRules {
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub fn is_open(&self) -> bool {
        self.mode != Mode::Off
    }

    pub fn statement_issuer(&self, name: &str) -> Option<&StatementIssuer> {
        self.software_statement_issuers.iter().find(|i| i.issuer == name)
    }

    /// How long a client may be unused; `None`: for ever.
    pub fn unused(&self) -> Option<Seconds> {
        (self.expire_unused_after_days > 0).then(|| Seconds::days(self.expire_unused_after_days.into()))
    }

    /// What the operator has written, as far as it can be judged by itself. `is_policy`: there is one of this name.
    pub fn check(&self, is_policy: impl Fn(&str) -> bool) -> Result<(), Problem> {
        let ensure = |holds: bool, key: &str, mend: String| {
            let place = format!("workspace.registration: {key}");
            if holds { Ok(()) } else { Err(Problem::new(place, mend)) }
        };
        if let Some(name) = self.policies.iter().find(|n| !is_policy(n)) {
            ensure(false, "policies", format!("there is no policy {name}"))?;
        }
        // Nobody who runs the workspace knows these clients: people are asked.
        let asks = self.consent != Consent::Implicit;
        ensure(asks, "consent", "must be remembered or required".to_owned())?;
        if let Some(name) = self
            .registrant_may_set
            .iter()
            .find(|n| !MAY_BE_OPENED.contains(&n.as_str()))
        {
            let open = MAY_BE_OPENED.join(", ");
            ensure(false, "registrant_may_set", format!("has {name}; it can have {open}"))?;
        }
        if let Some(host) = self.redirect_hosts.iter().find(|h| !is_host_rule(h)) {
            let mend = format!("has {host}; write a host name, or *. and the name of its parent");
            ensure(false, "redirect_hosts", mend)?;
        }
        let lives = self.client_secret_lifetime.0 >= 0 && self.client_secret_lifetime <= LONGEST;
        let mend = format!("must be 0 to {} seconds", LONGEST.0);
        ensure(lives, "client_secret_lifetime", mend)?;
        let days = self.expire_unused_after_days <= MOST_DAYS;
        ensure(days, "expire_unused_after_days", format!("must be 0 to {MOST_DAYS}"))?;
        for issuer in &self.software_statement_issuers {
            let place = format!("software_statement_issuers {}", issuer.issuer);
            ensure(
                !issuer.issuer.is_empty(),
                "software_statement_issuers",
                "issuer is empty".to_owned(),
            )?;
            check_key_set(&issuer.jwks).or_else(|why| ensure(false, &place, format!("jwks {why}")))?;
        }
        let possible = !self.require_software_statement || !self.software_statement_issuers.is_empty();
        let mend = "needs software_statement_issuers whom to believe".to_owned();
        ensure(possible, "require_software_statement", mend)
    }

    /// What the operator's rules make of a request: metadata without a name and a secret, still to be checked as every
    /// client's is.
    pub fn admit(&self, asked: Asked) -> Result<ClientMetadata, OAuthError> {
        let mut client = asked.read(&self.registrant_may_set)?;
        self.check_words(&client)?;
        self.check_addresses(&client)?;
        if let Some(name) = &client.client_name {
            // People are shown it: nothing invisible, nothing that turns the direction of the sentence around it.
            let name = Nickname::read(name).map_err(|e| invalid_metadata(format!("client_name: {e}")))?;
            client.client_name = Some(name.as_str().to_owned());
        }
        client.scope = Some(self.scope_of(&client)?);
        client.profile = self.profile_of(&client)?;
        if client.consent == Some(Consent::Implicit) {
            return Err(invalid_metadata("consent must be remembered or required"));
        }
        if client.id_token_signed_response_alg.is_none() && client.profile != Some(Profile::Fapi2) {
            // OIDC Registration §2: what a client expects that does not say.
            client.id_token_signed_response_alg = Some(SigningAlg::Rs256);
        }
        client.registered = true;
        Ok(client)
    }

    /// What holds for a registered client whenever the workspace is read: the operator's word as it is now.
    pub fn govern(&self, client: &mut ClientMetadata) {
        client.policies.clone_from(&self.policies);
        if client.consent != Some(Consent::Required) {
            client.consent = Some(self.consent);
        }
    }

    fn scope_of(&self, client: &ClientMetadata) -> Result<Scopes, OAuthError> {
        match &client.scope {
            None => Ok(self.scope.clone()),
            Some(asked) if asked.is_within(&self.scope) => Ok(asked.clone()),
            Some(_) => Err(invalid_metadata(format!("scope may have {} here", self.scope))),
        }
    }

    fn profile_of(&self, client: &ClientMetadata) -> Result<Option<Profile>, OAuthError> {
        match (self.profile, client.profile) {
            (Some(ours), Some(asked)) if ours != asked => Err(invalid_metadata(format!("profile must be {ours} here"))),
            (ours, asked) => Ok(ours.or(asked)),
        }
    }

    fn check_words(&self, client: &ClientMetadata) -> Result<(), OAuthError> {
        let grants = client.grant_types.iter().flatten();
        let allowed: Vec<&str> = self.grant_types.iter().map(|g| g.as_str()).collect();
        all_of("grant_types", grants.map(String::as_str), &allowed)?;
        let types: Vec<&str> = self.response_types.iter().map(|r| r.as_str()).collect();
        let asked = client.response_types.iter().flatten();
        // In any order (OAuth 2.0 Multiple Response Types §3); what is none at all is refused with the others.
        let asked = asked.map(|r| ResponseType::parse(r).map_or(r.as_str(), |known| known.as_str()));
        all_of("response_types", asked, &types)?;
        let methods: Vec<&str> = self.token_endpoint_auth_methods.iter().map(|m| m.as_str()).collect();
        // RFC 7591 §2: the default.
        let method = client
            .token_endpoint_auth_method
            .unwrap_or(AuthMethod::ClientSecretBasic);
        all_of("token_endpoint_auth_method", [method.as_str()].into_iter(), &methods)
    }

    fn check_addresses(&self, client: &ClientMetadata) -> Result<(), OAuthError> {
        let login: Vec<String> = client.initiate_login_uri.iter().cloned().collect();
        // OIDC Registration §2; a person follows it as a link from our pages.
        if login.iter().any(|uri| !uri.starts_with("https://")) {
            return Err(invalid_metadata("initiate_login_uri must begin with https://"));
        }
        for (member, code, uris) in [
            ("redirect_uris", ErrorCode::InvalidRedirectUri, &client.redirect_uris),
            (
                "post_logout_redirect_uris",
                ErrorCode::InvalidClientMetadata,
                &client.post_logout_redirect_uris,
            ),
            ("initiate_login_uri", ErrorCode::InvalidClientMetadata, &login),
        ] {
            if uris.iter().any(|uri| !self.is_allowed_host(uri)) {
                return Err(OAuthError::new(
                    code,
                    format!("{member} leads to a host that is not allowed here"),
                ));
            }
        }
        for (member, count, most) in [
            ("redirect_uris", client.redirect_uris.len(), MAX_ADDRESSES),
            (
                "post_logout_redirect_uris",
                client.post_logout_redirect_uris.len(),
                MAX_ADDRESSES,
            ),
            ("request_uris", client.request_uris.len(), MAX_ADDRESSES),
            ("contacts", client.contacts.len(), MAX_CONTACTS),
        ] {
            if count > most {
                return Err(invalid_metadata(format!("{member} may have {most} entries")));
            }
        }
        Ok(())
    }

    fn is_allowed_host(&self, uri: &str) -> bool {
        if self.redirect_hosts.is_empty() {
            return true;
        }
        let url = Url::parse(uri).ok();
        let Some(host) = url.as_ref().and_then(Url::host_str) else {
            // A private-use scheme has no host that could be among them.
            return false;
        };
        self.redirect_hosts.iter().any(|rule| match rule.strip_prefix("*.") {
            Some(parent) => host
                .strip_suffix(parent)
                .is_some_and(|sub| sub.ends_with('.') && sub.len() > 1),
            None => host == rule,
        })
    }
}

fn all_of<'a>(member: &str, mut asked: impl Iterator<Item = &'a str>, allowed: &[&str]) -> Result<(), OAuthError> {
    if asked.all(|word| allowed.contains(&word)) {
        return Ok(());
    }
    Err(invalid_metadata(format!("{member} may be {} here", allowed.join(", "))))
}

fn is_host_rule(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    // As URLs write hosts, for that is what it is compared with.
    url::Host::parse(name).is_ok_and(|host| host.to_string() == name) && !name.contains('*')
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;

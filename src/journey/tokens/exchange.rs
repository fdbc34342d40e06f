//! One access token for another (RFC 8693). The new one speaks for the same person, by the same proof, and belongs to the same
//! grant: what ends that ends it. It never opens more and never lives longer.

use super::{Call, TokenFault, must_be};
use crate::base::Secret;
use crate::journey::access_tokens::{self, Access};
use crate::journey::demand::{Asked, Held, Parties};
use crate::journey::minting::{AccessToken, access_token_id};
use crate::journey::targets::Target;
use crate::model::audit::Outcome;
use crate::model::{Grant, User};
use crate::policy::{Decision, RequestDemand};
use crate::protocol::claims::{AccessTokenClaims, Actor};
use crate::protocol::errors::OAuthError;
use crate::protocol::rar::AuthorizationDetails;
use crate::protocol::scope::Scopes;
use crate::protocol::token::TokenResponse;
use crate::protocol::token_exchange::{ACCESS_TOKEN_TYPE, ExchangeRequest};

/// Actors that one token names. Without a bound a circle of services would make tokens without end.
const MOST_ACTORS: usize = 5;

impl Call<'_> {
    pub(super) async fn exchange(&mut self, request: &ExchangeRequest) -> Result<TokenResponse, TokenFault> {
        must_be(self.current, self.tx.generation().await?)?;
        let subject = self.brought("subject_token", &request.subject).await?;
        let actor = match &request.actor {
            Some(token) => Some(self.brought("actor_token", token).await?),
            None => None,
        };
        let Some((grant, user)) = &subject.person else {
            return Err(OAuthError::invalid_request("subject_token stands for no person").into());
        };
        let target = Target::of(self.op, &self.current.workspace, self.caller.client, &request.resources)?;
        let scope = target.scope(&self.narrowed(&subject, request.scope.as_ref())?)?;
        self.permitted((grant, user), &scope, &request.resources)?;
        let act = self.acting(&subject, actor.as_ref())?;
        let until = actor.map_or(i64::MAX, |actor| actor.claims.exp);
        let claims = AccessTokenClaims {
            exp: self.now.plus(target.lifetime).secs().min(subject.claims.exp).min(until),
            aud: target.audience.clone(),
            scope,
            act,
            ..self.derived(&subject.claims, grant)
        };
        let access = AccessToken::seal(self.op, self.current, claims, target.format)?;
        self.keep(&access, Some(&grant.id)).await?;
        self.tell(&access.claims, (grant, &subject.claims.client_id));
        Ok(TokenResponse {
            issued_token_type: Some(ACCESS_TOKEN_TYPE),
            ..access.response(self.now)
        })
    }

    /// A token that stands and that this client may use so: its own, or one for an API that it is. Of every other nothing is
    /// said, not even that it is one.
    async fn brought(&mut self, name: &str, token: &Secret<String>) -> Result<Access, TokenFault> {
        // RFC 8693 §2.2.2: invalid_request, whatever is wrong with a token.
        let refused = |why: &str| TokenFault::from(OAuthError::invalid_request(format!("{name} {why}")));
        let client = self.caller.client;
        let found = access_tokens::find(self.op, self.current, &mut self.tx, token.expose()).await?;
        let usable = |a: &Access| a.stands(&self.current.workspace) && (a.is_of(&client.id) || a.is_for(client));
        let access = found
            .filter(usable)
            .ok_or_else(|| refused("is not valid, or neither this client's nor for it"))?;
        // RFC 9449 §7.2: what is bound to a key is of use only to who shows the key. An API that was shown it once cannot.
        let bound_to = access.claims.cnf.clone().unwrap_or_default();
        if self.must_hold(&bound_to).is_err() {
            return Err(refused("is bound to a key that was not shown"));
        }
        // 21 CFR 1311.115: each signing anew, by who it was proved for.
        if access.person.as_ref().is_some_and(|(grant, _)| grant.frozen.one_act) {
            return Err(refused("stands for one act, and for no other token"));
        }
        Ok(access)
    }

    /// Never more than the subject token has, nor than this client is registered for.
    fn narrowed(&self, subject: &Access, asked: Option<&Scopes>) -> Result<Scopes, OAuthError> {
        let scope = subject.claims.scope.narrow(asked)?;
        Ok(scope.common(&self.caller.client.scope).without("offline_access"))
    }

    /// Policy as it is now for whom the new token is, over the evidence as it was. What the old one says of it is kept.
    fn permitted(
        &mut self,
        (grant, user): (&Grant, &User),
        scope: &Scopes,
        resources: &[String],
    ) -> Result<(), OAuthError> {
        let parties = Parties {
            workspace: &self.current.workspace,
            client: self.caller.client,
            user: Some(user),
        };
        let asked = Asked {
            scope: scope.clone(),
            details: Vec::new(),
            resources: resources.to_vec(),
            request: RequestDemand::default(),
        };
        let held = Held {
            events: &grant.frozen.events,
            last_active: grant.created_at,
            ceremony: None,
            enrolled: &[],
            remembered: grant.frozen.remembered,
            now: self.now,
        };
        let decision = parties.decide(&asked, &held, false);
        let refused = &parties.requirement(&asked).refused;
        // What the token says may rest on a method that is refused here, although the rest of the evidence would do.
        let method = held.events.iter().find(|event| refused.contains_key(&event.method));
        let why = match (&decision, method) {
            (Decision::Satisfied(_), None) => return Ok(()),
            (_, Some(event)) => format!("{} is refused", event.method),
            (unmet, None) => format!("{unmet:?}"),
        };
        let denied = self
            .grant_record("policy.method_denied", Outcome::Refused, grant)
            .reason(why);
        self.tx.audit(denied);
        Err(OAuthError::invalid_request(
            "the evidence behind subject_token does not suffice for this",
        ))
    }

    /// Who acts, with all who acted before (RFC 8693 §4.1): the subject of `actor_token`, or the client itself where the
    /// token was another's. Nobody comes to act unseen.
    fn acting(&self, subject: &Access, actor: Option<&Access>) -> Result<Option<Actor>, OAuthError> {
        let before = subject.claims.act.clone();
        let client = &self.caller.client.id;
        let sub = match actor {
            Some(actor) if actor.claims.act.is_some() => {
                return Err(OAuthError::invalid_request("actor_token must be the actor's own"));
            }
            Some(actor) => actor.claims.sub.as_str().to_owned(),
            None if subject.is_of(client) => return Ok(before),
            None => client.to_string(),
        };
        // RFC 8693 §4.4.
        if subject.claims.may_act.as_ref().is_some_and(|only| only.sub != sub) {
            return Err(OAuthError::invalid_request(
                "may_act of subject_token names another actor",
            ));
        }
        let act = Actor {
            sub,
            act: before.map(Box::new),
        };
        if act.depth() > MOST_ACTORS {
            return Err(OAuthError::invalid_request("too many have acted already"));
        }
        Ok(Some(act))
    }

    /// RFC 9068 §2.2.1, RFC 9470 §6.1: how the person was proved is copied, from the subject and never from the actor.
    fn derived(&self, subject: &AccessTokenClaims, grant: &Grant) -> AccessTokenClaims {
        let mut bound_to = self.held();
        if let Some(before) = &subject.cnf {
            // RFC 8705 §3: what was bound to a certificate stays bound, also where this client's own tokens are not.
            bound_to.x5t_s256 = bound_to.x5t_s256.or_else(|| before.x5t_s256.clone());
        }
        AccessTokenClaims {
            client_id: self.caller.client.id.to_string(),
            iat: self.now.secs(),
            jti: access_token_id(&grant.id, &self.op.entropy),
            // RFC 9396 §9.1: what was allowed one by one was allowed where the first token is for, not here.
            authorization_details: AuthorizationDetails::default(),
            cnf: bound_to.claim(),
            ..subject.clone()
        }
    }

    fn tell(&mut self, claims: &AccessTokenClaims, (grant, from): (&Grant, &str)) {
        let actor = claims.act.as_ref().map_or("", |act| act.sub.as_str());
        let exchanged = self
            .grant_record("token.exchanged", Outcome::Success, grant)
            .with("from", from)
            .with("scope", claims.scope.to_string())
            .with("aud", claims.aud.iter().collect::<Vec<_>>())
            .with("act", actor);
        self.tx.audit(exchanged);
    }
}

//! From a client, a person and a request to the one requirement that policy decides about.

use crate::base::{Seconds, Timestamp};
use crate::model::workspace::Pool;
use crate::model::{Authenticator, Session, User, Workspace};
use crate::policy::{
    AcrTable, Decision, Demands, Enrolled, Evidence, FactorEvent, Method, Policy, PoolMethods, RequestDemand,
    Requirement, Rule, binding_requirement, decide,
};
use crate::protocol::authorize::AuthorizationRequest;
use crate::protocol::client::Client;
use crate::protocol::scope::Scopes;
use crate::protocol::words::Prompt;

/// What a request asks, reduced to what decides; the same from a live request and from a frozen grant.
#[derive(Clone, Debug)]
pub struct Asked {
    pub scope: Scopes,
    /// Types of authorization details.
    pub details: Vec<String>,
    /// The APIs that tokens are for (RFC 8707).
    pub resources: Vec<String>,
    pub request: RequestDemand,
}

impl Asked {
    /// `arrived`: when the request came; `max_age` and `prompt=login` are seen from there, so that what is
    /// proved while answering it counts however long the person takes.
    pub fn of(request: &AuthorizationRequest, arrived: Timestamp) -> Self {
        let acr = request.requested_acr();
        let demand = RequestDemand {
            // An access token that says less than was asked would send its bearer in circles (RFC 9470 §5):
            // only who asks for no more than an ID token may be told "this is what there is".
            essential: acr.essential || asks_for_access(request),
            acr_values: acr.any_of,
            max_age: None,
            not_before: None,
        };
        let login = request.prompt.contains(&Prompt::Login);
        Self {
            scope: request.scope.clone(),
            details: request.authorization_details.types(),
            resources: request.resources.clone(),
            request: demand.since(arrived, request.max_age, login),
        }
    }
}

fn asks_for_access(request: &AuthorizationRequest) -> bool {
    let beyond = |s: &str| s != "openid" && s != "evidence";
    let elsewhere = !request.resources.is_empty() || !request.authorization_details.is_empty();
    elsewhere || request.scope.iter().any(beyond)
}

/// The client, the pool and the groups that have a say.
pub struct Parties<'a> {
    pub workspace: &'a Workspace,
    pub client: &'a Client,
    /// Nobody is known yet: the default pool's methods, no groups.
    pub user: Option<&'a User>,
}

impl Parties<'_> {
    pub fn pool(&self) -> Pool {
        let name = self.user.map_or(Pool::DEFAULT, |u| u.pool.as_str());
        // A pool that is gone offers nothing: its users cannot sign in until it is there again.
        self.workspace.pool(name).cloned().unwrap_or_else(|| Pool {
            name: name.to_owned(),
            first_factor: std::collections::BTreeSet::new(),
            second_factor: std::collections::BTreeSet::new(),
            ..Pool::default()
        })
    }

    pub fn requirement(&self, asked: &Asked) -> Requirement {
        let ws = self.workspace;
        let of_scopes = asked.scope.iter().filter_map(|s| ws.scopes.get(s));
        let of_details = asked.details.iter().filter_map(|t| ws.details_types.get(t));
        let of_resources = asked.resources.iter().filter_map(|uri| ws.resources.get(uri));
        let scope_rules: Vec<&Policy> = of_scopes
            .map(|rule| &rule.policies)
            .chain(of_details.map(|kind| &kind.policies))
            .chain(of_resources.map(|api| &api.policies))
            .flat_map(|names| ws.named_policies(names))
            .collect();
        let groups: Vec<&Policy> = self
            .user
            .iter()
            .flat_map(|u| u.groups.iter())
            .filter_map(|g| ws.groups.get(g))
            .flat_map(|group| ws.named_policies(&group.policies))
            .collect();
        let pool = self.pool();
        Demands {
            client: &ws.named_policies(&self.client.metadata.policies),
            scopes: &scope_rules,
            groups: &groups,
            workspace_methods: &ws.settings.methods,
            pool: PoolMethods {
                name: &pool.name,
                first_factor: &pool.first_factor,
                second_factor: &pool.second_factor,
            },
            request: asked.request.clone(),
            // The parser has put the client's defaults into the request already.
            default_acr_values: &[],
            withheld: self.user.and_then(withheld),
        }
        .resolve()
    }

    /// An acr that is demanded here and stands for one act, if one is: what only a person in front of what is signed may
    /// give.
    pub fn one_act(&self, asked: &Asked) -> Option<String> {
        let need = self.requirement(asked);
        let mut all = need.all_of.into_iter().map(|ruled| ruled.value).chain(need.any_of);
        all.find(|acr| is_for_one_act(self.workspace, acr))
    }

    /// What stands before a change of what somebody proves themself with: the most that their authenticators can prove
    /// (800-63B-4 §4.1.2.1), saved codes aside. Policies of partners and groups say what a method is good for with them,
    /// not whose account it is: none of them makes this easier.
    pub fn binding(&self, since: Timestamp, enrolled: &[Enrolled], now: Timestamp) -> Requirement {
        let lasting: Vec<Enrolled> = enrolled
            .iter()
            .filter(|e| e.method != Method::RecoveryCode)
            // What was put aside or switched off still says how strong the account is: whoever could report a device lost
            // with the password alone, and then bind their own, would have got around it.
            .map(|e| Enrolled {
                usable: true,
                ..e.clone()
            })
            .collect();
        binding_requirement(&self.workspace.acrs, &self.own(since), &lasting, now)
    }

    /// What stands, beside a code that went to the account's address, before a new password: any one authenticator that
    /// is still bound (800-63B-4 §4.2.2). Not the password: it is what was forgotten, and whoever knows it needs no new
    /// one.
    pub fn recovery(&self, since: Timestamp) -> Requirement {
        let mut need = self.own(since);
        need.refused
            .entry(Method::Password)
            .or_default()
            .push(Rule::new("recovery", "a second proof"));
        need
    }

    /// Any one factor of the account, proved since then: what its owner's own affairs begin with.
    fn own(&self, since: Timestamp) -> Requirement {
        let ws = self.workspace;
        let pool = self.pool();
        let base = Demands {
            client: &[],
            scopes: &[],
            groups: &[],
            workspace_methods: &ws.settings.methods,
            pool: PoolMethods {
                name: &pool.name,
                first_factor: &pool.first_factor,
                second_factor: &pool.second_factor,
            },
            request: RequestDemand {
                not_before: Some(since),
                ..RequestDemand::default()
            },
            default_acr_values: &[],
            withheld: None,
        }
        .resolve();
        Requirement {
            // The owner's own acceptance: a telephone is better than nothing where it is all there is.
            allow_restricted: true,
            allow_enrolment: false,
            ..base
        }
    }

    /// The decision, with the fallback that a voluntary acr allows (OIDC Core §5.5.1.1): where it cannot be
    /// met at all, the same again without it. `interactive` is false where nobody can be asked.
    pub fn decide(&self, asked: &Asked, held: &Held<'_>, interactive: bool) -> Decision {
        let decided = self.decide_fully(asked, held, interactive);
        match decided {
            // "Never" as well: when a code is redeemed, nothing that is enrolled is looked at.
            Decision::Prove { .. } | Decision::Enrol { .. } | Decision::Never(_) if held.remembered => {
                self.for_remembered(asked, held).unwrap_or(decided)
            }
            decided => decided,
        }
    }

    /// Where the partner's own policy lets a remembered browser do without a second factor: what was proved, and not a
    /// word more (800-63B-4 §5.1: it is no factor). Never for what the request itself asks, and never for one act.
    fn for_remembered(&self, asked: &Asked, held: &Held<'_>) -> Option<Decision> {
        let need = self.requirement(asked);
        let table = &self.workspace.acrs;
        let mut demanded = need.all_of.iter().map(|acr| table.get(&acr.value));
        let asked_for = asked.request.essential && !asked.request.acr_values.is_empty();
        // A value that nobody defines may stand for anything: it is not waived either.
        let never = demanded.any(|acr| acr.is_none_or(|acr| acr.only_when_asked));
        if !need.allow_remembered_browser || asked_for || never {
            return None;
        }
        let relaxed = Requirement {
            all_of: Vec::new(),
            any_of: Vec::new(),
            ..need
        };
        let real = held.decide(table, &relaxed);
        matches!(real, Decision::Satisfied(_)).then_some(real)
    }

    fn decide_fully(&self, asked: &Asked, held: &Held<'_>, interactive: bool) -> Decision {
        let table = &self.workspace.acrs;
        let first = held.decide(table, &self.requirement(asked));
        let hopeless = match &first {
            Decision::Satisfied(_) => false,
            Decision::Prove { .. } => !interactive,
            Decision::Enrol { .. } | Decision::Never(_) => true,
        };
        if !hopeless || asked.request.essential || asked.request.acr_values.is_empty() {
            return first;
        }
        let voluntary = Asked {
            request: asked.request.clone().without_acr(),
            ..asked.clone()
        };
        match held.decide(table, &self.requirement(&voluntary)) {
            Decision::Satisfied(real) => Decision::Satisfied(real),
            other if interactive => other,
            _ => first,
        }
    }
}

/// What a person has proved and could prove.
pub struct Held<'a> {
    pub events: &'a [FactorEvent],
    pub last_active: Timestamp,
    pub ceremony: Option<&'a crate::base::CeremonyId>,
    pub enrolled: &'a [Enrolled],
    /// The browser is one that its owner asked us to remember.
    pub remembered: bool,
    pub now: Timestamp,
}

impl<'a> Held<'a> {
    pub fn of_session(session: Option<&'a Session>, enrolled: &'a [Enrolled], now: Timestamp) -> Self {
        Self {
            events: session.map_or(&[], |s| s.events.as_slice()),
            last_active: session.map_or(now, |s| s.last_active),
            ceremony: None,
            enrolled,
            remembered: false,
            now,
        }
    }

    #[must_use]
    pub const fn in_remembered_browser(mut self, remembered: bool) -> Self {
        self.remembered = remembered;
        self
    }

    /// The one decision about one requirement.
    pub fn decide(&self, table: &AcrTable, need: &Requirement) -> Decision {
        decide(table, need, &self.evidence(), self.enrolled, self.now)
    }

    #[must_use]
    pub const fn in_ceremony(mut self, ceremony: &'a crate::base::CeremonyId) -> Self {
        self.ceremony = Some(ceremony);
        self
    }

    const fn evidence(&self) -> Evidence<'a> {
        Evidence {
            events: self.events,
            last_active: self.last_active,
            ceremony: self.ceremony,
        }
    }
}

/// After a recovery the power to sign comes back only with a new confirmation of who it is (standards: 800-63B-4 §4.2,
/// 21 CFR 1311.105).
fn withheld(user: &User) -> Option<Rule> {
    user.standing.signing_withheld_at?;
    (!user.identity_confirmed()).then(|| Rule::new("account", "recovered"))
}

pub fn enrolled(authenticators: &[Authenticator]) -> Vec<Enrolled> {
    authenticators.iter().map(Authenticator::enrolled).collect()
}

/// Never more than this for a token that stands for one signing (21 CFR 1311.115; ours: 120 s).
pub const SIGNING_TOKEN_LIFETIME: Seconds = Seconds(120);

/// Does this acr stand for one act only? No refresh token, short life.
pub fn is_for_one_act(workspace: &Workspace, acr: &str) -> bool {
    workspace.acrs.get(acr).is_some_and(|p| p.one_ceremony)
}

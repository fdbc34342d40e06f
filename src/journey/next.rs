//! The single place that picks what happens next: sign in, verify, choose, set up, consent, refuse or issue.
//! Pure: it looks at a scene and says; `interaction` and `issue` act.

use std::collections::{BTreeMap, BTreeSet};

use super::scene::Scene;
use crate::base::{AuthenticatorId, Seconds, Timestamp};
use crate::model::authorization::SetUp;
use crate::model::{Authenticator, Errand, LocalPath, Stage, User};
use crate::policy::{Assurance, Decision, Method, Missing, Reason, Rule};
use crate::protocol::claims::scope_of;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::words::{Consent as ConsentMode, Prompt};

/// What a person expressly asked for instead of what we would have picked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    #[default]
    None,
    /// "Another method".
    Choose,
    /// This method; which device is still open.
    Method(Method),
}

#[derive(Clone, Debug)]
pub enum Step {
    /// Nobody is known: name and password.
    SignIn,
    /// The name is known, the password is asked.
    Password {
        elsewhere: bool,
    },
    Choose {
        methods: Vec<Method>,
        refused: Vec<(Method, Rule)>,
        missing: Missing,
    },
    /// Several devices of one method; the preselected one first.
    ChooseAuthenticator {
        method: Method,
        devices: Vec<AuthenticatorId>,
    },
    /// This one, without asking which.
    Verify(AuthenticatorId),
    /// A new authenticator is set up; everything that has to be proved before is proved.
    Enrol(Offer),
    /// A forgotten password is replaced; everything that has to be proved before is proved.
    NewPassword,
    /// It is set up: its owner is told.
    Enrolled(AuthenticatorId),
    Consent {
        scopes: Vec<String>,
    },
    Issue(Assurance),
    /// The errand is done: to this page of the account.
    Return(LocalPath),
    /// The partner gets an error.
    Refuse(OAuthError, Option<Reason>),
}

/// What can be set up here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub methods: Vec<Method>,
    pub refused: Vec<(Method, Rule)>,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The partner asks for more than what is set up can prove.
    Demanded,
    /// Nobody demands it: it can be skipped (S2).
    Recommended,
    /// The person came for it.
    Wanted,
}

pub fn step(scene: &Scene, wish: Wish) -> Step {
    if let Some(error) = scene.is_over() {
        return Step::Refuse(error, None);
    }
    if !matches!(scene.authorization.stage, Stage::Bound { .. }) || scene.user.is_none() {
        return before_anybody_is_known(scene);
    }
    if scene.recovers() {
        return recover(scene, wish);
    }
    if scene.session.is_none() {
        // The session has gone since; the request is still about the same person.
        return Step::Password { elsewhere: false };
    }
    if let SetUp::Done { authenticator } = scene.authorization.stage.set_up() {
        return Step::Enrolled(authenticator.clone());
    }
    match scene.decision(true) {
        Decision::Satisfied(assurance) => satisfied(scene, wish, assurance),
        Decision::Prove {
            missing,
            acceptable,
            refused,
        } => prove(scene, wish, missing, &acceptable, refused),
        Decision::Enrol { acceptable, refused } => enrol(scene, wish, acceptable, refused),
        Decision::Never(reason) => unmet(reason),
    }
}

/// A forgotten password. Where there never was anything but the password, the code that was mailed is all there is to
/// ask; else something that is enrolled as well, and if none of it can be used, support has to look at it (800-63B-4
/// §4.2.2).
fn recover(scene: &Scene, wish: Wish) -> Step {
    if scene.authenticators.iter().all(|a| a.method == Method::Password) {
        return Step::NewPassword;
    }
    match scene.decision(true) {
        Decision::Satisfied(_) => Step::NewPassword,
        Decision::Prove {
            missing,
            acceptable,
            refused,
        } if !acceptable.is_empty() => prove(scene, wish, missing, &acceptable, refused),
        Decision::Prove { refused, .. } => unmet(Reason::MethodsRefused(refused)),
        Decision::Enrol { acceptable, refused } => unmet(Reason::NothingEnrolled {
            would_do: acceptable,
            refused,
        }),
        Decision::Never(reason) => unmet(reason),
    }
}

/// Nothing that is enrolled would do, but something that can be set up now would. Binding is itself step-up
/// (800-63B-4 §4.1.2.1): first whatever the account can prove.
fn enrol(scene: &Scene, wish: Wish, would_do: Vec<Method>, refused: Vec<(Method, Rule)>) -> Step {
    let methods: Vec<Method> = would_do.iter().copied().filter(|m| can_be_set_up(*m)).collect();
    if methods.is_empty() {
        return unmet(Reason::NothingEnrolled { would_do, refused });
    }
    let offer = Offer {
        methods,
        refused,
        why: Why::Demanded,
    };
    after_binding(scene, wish, offer).unwrap_or_else(|refused| unmet(Reason::NothingEnrolled { would_do, refused }))
}

/// The offer, or what has to be proved first; `Err` where that cannot be proved here.
fn after_binding(scene: &Scene, wish: Wish, offer: Offer) -> Result<Step, Vec<(Method, Rule)>> {
    match scene.binding_decision() {
        Decision::Satisfied(_) => Ok(Step::Enrol(offer)),
        Decision::Prove {
            missing,
            acceptable,
            refused,
        } => Ok(prove(scene, wish, missing, &acceptable, refused)),
        Decision::Enrol { .. } | Decision::Never(_) => Err(offer.refused),
    }
}

/// Passwords have pages of their own.
const fn can_be_set_up(method: Method) -> bool {
    !matches!(method, Method::Password)
}

/// For `prompt=none`: the same, where nobody may be asked (OIDC Core §3.1.2.6; order as in the specification).
pub fn silent_step(scene: &Scene) -> Step {
    let refuse = |code, why: &str| Step::Refuse(OAuthError::new(code, why), None);
    let Some(session) = &scene.session else {
        return refuse(ErrorCode::LoginRequired, "nobody is signed in");
    };
    if scene.user.is_none() {
        return refuse(ErrorCode::LoginRequired, "nobody is signed in");
    }
    if scene.authorization.expired(scene.now) {
        return refuse(ErrorCode::AccessDenied, "expired");
    }
    match scene.decision(false) {
        Decision::Satisfied(assurance) => match satisfied(scene, Wish::None, assurance) {
            Step::Enrol(_) => refuse(ErrorCode::InteractionRequired, "a second method is recommended"),
            Step::Consent { .. } => refuse(ErrorCode::ConsentRequired, "the person has to consent"),
            other => other,
        },
        Decision::Prove { .. } if stale(scene, session) => refuse(ErrorCode::LoginRequired, "the sign-in is too old"),
        Decision::Prove { .. } => refuse(ErrorCode::InteractionRequired, "more has to be proved"),
        Decision::Enrol { acceptable, refused } => unmet(Reason::NothingEnrolled {
            would_do: acceptable,
            refused,
        }),
        Decision::Never(reason) => unmet(reason),
    }
}

/// Is age all that is wrong? Then it is the login that is required (OIDC Core §3.1.2.3).
fn stale(scene: &Scene, session: &crate::model::Session) -> bool {
    let limit = scene.requirement().not_before;
    limit.is_some_and(|limit| session.events.iter().all(|e| e.at < limit))
}

fn before_anybody_is_known(scene: &Scene) -> Step {
    let first = scene.parties().pool().first_factor;
    match &scene.authorization.stage {
        Stage::Named { .. } if first.contains(&Method::Password) => Step::Password { elsewhere: false },
        _ => Step::SignIn,
    }
}

fn satisfied(scene: &Scene, wish: Wish, assurance: Assurance) -> Step {
    let user = scene.user.as_ref().map(|u| &u.id);
    if scene.authorization.stage.user() != user {
        return Step::Refuse(OAuthError::new(ErrorCode::LoginRequired, "subject_mismatch"), None);
    }
    if scene
        .authorization
        .subject
        .as_ref()
        .is_some_and(|wanted| Some(wanted) != user)
    {
        // OIDC Core §3.1.2.2: a positive answer only if that very person is signed in.
        return Step::Refuse(OAuthError::new(ErrorCode::LoginRequired, "subject_mismatch"), None);
    }
    if let Some(errand) = &scene.authorization.errand {
        return run(scene, errand);
    }
    if needs_consent(scene) {
        return Step::Consent {
            scopes: wanted_scopes(scene),
        };
    }
    let recommended = recommendation(scene).and_then(|offer| after_binding(scene, wish, offer).ok());
    recommended
        .filter(|step| matches!(step, Step::Enrol(_)))
        .unwrap_or(Step::Issue(assurance))
}

/// What somebody came for on our own pages, now that they have proved enough.
fn run(scene: &Scene, errand: &Errand) -> Step {
    match errand.sets_up() {
        Some(method) if *scene.authorization.stage.set_up() == SetUp::Nothing => {
            let offered = addable(scene)
                .into_iter()
                .filter(|m| method.is_none_or(|only| only == *m));
            Step::Enrol(Offer {
                methods: offered.collect(),
                refused: Vec::new(),
                why: Why::Wanted,
            })
        }
        _ => Step::Return(errand.to().clone()),
    }
}

/// What this person may add at all, whatever any partner makes of it.
pub fn addable(scene: &Scene) -> Vec<Method> {
    let need = scene.parties().binding(scene.now, &scene.enrolled, scene.now);
    let open = |m: &Method| can_be_set_up(*m) && !need.refused.contains_key(m);
    Method::ALL.into_iter().filter(open).collect()
}

/// Recommended at most this often.
const RECOMMEND_AGAIN: Seconds = Seconds::days(30);

/// Has this person nothing but a password, and not said lately that it shall stay so?
pub fn recommendable(scene: &Scene) -> bool {
    let recently = |at: Timestamp| !at.older_than(RECOMMEND_AGAIN, scene.now);
    let declined = |u: &User| u.standing.recommended_at.is_some_and(recently);
    let alone = scene.authenticators.iter().all(|a| a.method == Method::Password);
    alone && scene.user.as_ref().is_some_and(|u| !declined(u)) && !addable(scene).is_empty()
}

/// A second method for somebody who has none, where no partner asks for one: right after a sign-in, and not again for a
/// while once it was declined (S2).
fn recommendation(scene: &Scene) -> Option<Offer> {
    let need = scene.requirement();
    if !recommendable(scene) || !scene.proved_here() || !need.allow_enrolment || need.allow_remembered_browser {
        return None;
    }
    if *scene.authorization.stage.set_up() != SetUp::Nothing {
        return None;
    }
    let methods: Vec<Method> = addable(scene)
        .into_iter()
        .filter(|m| !need.refused.contains_key(m) && *m != Method::RecoveryCode)
        .collect();
    (!methods.is_empty()).then_some(Offer {
        methods,
        refused: Vec::new(),
        why: Why::Recommended,
    })
}

fn needs_consent(scene: &Scene) -> bool {
    let request = &scene.authorization.request;
    if matches!(scene.authorization.stage, Stage::Bound { consented: true, .. }) {
        return false;
    }
    if request.prompt.contains(&Prompt::Consent) {
        return true;
    }
    match scene.client.consent {
        ConsentMode::Implicit => false,
        ConsentMode::Required => true,
        // What is asked for in detail is allowed one by one.
        ConsentMode::Remembered if !request.authorization_details.is_empty() => true,
        ConsentMode::Remembered => !wanted_scopes(scene).iter().all(|s| scene.consent.scopes.contains(s)),
    }
}

/// What is consented to: the scopes, and those whose claims are asked for one by one (OIDC Core §5.5).
fn wanted_scopes(scene: &Scene) -> Vec<String> {
    let request = &scene.authorization.request;
    let by_name = request.claims.id_token.keys().chain(request.claims.userinfo.keys());
    let named: BTreeSet<&str> = by_name.filter_map(|claim| scope_of(claim)).collect();
    let scopes = request.scope.iter().map(str::to_owned);
    let more = named.into_iter().filter(|s| !request.scope.contains(s));
    // RFC 8707 §3: where a scope is good for is a part of what is allowed.
    let where_for = request.resources.iter().cloned();
    scopes.chain(more.map(str::to_owned)).chain(where_for).collect()
}

fn unmet(reason: Reason) -> Step {
    let error = OAuthError::new(ErrorCode::UnmetAuthenticationRequirements, reason.to_string());
    Step::Refuse(error, Some(reason))
}

fn prove(
    scene: &Scene,
    wish: Wish,
    missing: Missing,
    acceptable: &[AuthenticatorId],
    refused: Vec<(Method, Rule)>,
) -> Step {
    let by_method = scene.permitted_now(group(scene, acceptable));
    let others = by_method.keys().any(|m| *m != Method::Password);
    match wish {
        Wish::Method(Method::Password) if by_method.contains_key(&Method::Password) => {
            return Step::Password { elsewhere: others };
        }
        Wish::Method(method) => {
            if let Some(devices) = by_method.get(&method) {
                return one_or_several(method, devices);
            }
        }
        Wish::None if missing.knowledge && by_method.contains_key(&Method::Password) => {
            return Step::Password { elsewhere: others };
        }
        Wish::None | Wish::Choose => {}
    }
    let held: Vec<Method> = scene.authenticators.iter().map(|a| a.method).collect();
    let explained = refused.iter().any(|(m, _)| held.contains(m));
    let own = scene.user.as_ref().and_then(|u| u.standing.preferred);
    let preferred = own
        .or(scene.parties().pool().preferred.second)
        .filter(|m| by_method.contains_key(m));
    let only = (by_method.len() == 1 && !explained)
        .then(|| by_method.keys().next().copied())
        .flatten();
    // A message is sent when somebody asks for it, never because a page was opened.
    let start_with = only.or(preferred).filter(|m| !matches!(m, Method::Sms | Method::Voice));
    match (wish, start_with) {
        (Wish::None, Some(method)) => by_method.get(&method).map(|devices| one_or_several(method, devices)),
        _ => None,
    }
    .unwrap_or_else(|| Step::Choose {
        methods: by_method.into_keys().collect(),
        refused,
        missing,
    })
}

fn one_or_several(method: Method, devices: &[AuthenticatorId]) -> Step {
    match devices {
        // The browser asks for any of them, and the key that answers says which it is.
        [first, ..] if method == Method::Webauthn => Step::Verify(first.clone()),
        [_] if method == Method::Password => Step::Password { elsewhere: true },
        [only] if !matches!(method, Method::Sms | Method::Voice) => Step::Verify(only.clone()),
        several => Step::ChooseAuthenticator {
            method,
            devices: several.to_vec(),
        },
    }
}

/// Acceptable devices by method, the primary one first; what the partner has chosen for itself stands before it (S77).
pub fn group(scene: &Scene, acceptable: &[AuthenticatorId]) -> BTreeMap<Method, Vec<AuthenticatorId>> {
    let mut ordered: Vec<&Authenticator> = scene
        .authenticators
        .iter()
        .filter(|a| acceptable.contains(&a.id))
        .collect();
    ordered.sort_by_key(|a| (scene.consent.primary.as_ref() != Some(&a.id), !a.primary));
    let mut groups: BTreeMap<Method, Vec<AuthenticatorId>> = BTreeMap::new();
    for a in ordered {
        groups.entry(a.method).or_default().push(a.id.clone());
    }
    groups
}

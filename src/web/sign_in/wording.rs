//! Codes, rules and devices in the person's words.

use crate::base::AuthenticatorId;
use crate::journey::Scene;
use crate::journey::reply::Complaint;
use crate::model::{Authenticator, MfaCode};
use crate::policy::{Method, Rule};
use crate::web::pages::{self, AuthenticatorChoice, Because, ChooseMethod, MethodChoice, RefusedMethod, Trouble};

pub fn words(complaint: &Complaint) -> Trouble {
    let mut trouble = Trouble::new(complaint.code.as_str());
    if let Some(left) = complaint.tries_left {
        trouble = trouble.tries_left(u32::try_from(left).unwrap_or(0));
    }
    if let Some(wait) = complaint.wait {
        trouble = trouble.wait(wait);
    }
    match &complaint.nickname {
        Some(nickname) => trouble.device(nickname),
        None => trouble,
    }
}

/// The same words whether the name or the password was wrong.
pub fn wrong_password(complaint: &Complaint) -> Trouble {
    if complaint.code == MfaCode::CodeWrong {
        Trouble::wrong_password()
    } else {
        words(complaint)
    }
}

pub const fn is_phone(a: &Authenticator) -> bool {
    matches!(a.method, Method::Sms | Method::Voice)
}

/// The last digits of the number, the rest hidden.
pub fn masked(authenticator: &Authenticator) -> String {
    masked_number(authenticator.facts.number_end.as_deref().unwrap_or("***"))
}

pub fn masked_number(end: &str) -> String {
    format!("(***) ***-*{end}")
}

pub fn detail(authenticator: &Authenticator) -> Option<String> {
    match authenticator.method {
        Method::Sms | Method::Voice => Some(masked(authenticator)),
        _ => authenticator.nickname.clone(),
    }
}

/// `own`: what the partner has chosen as its primary one.
pub fn device_choice(a: &Authenticator, own: Option<&AuthenticatorId>) -> AuthenticatorChoice {
    AuthenticatorChoice {
        authenticator: a.id.clone(),
        method: a.method,
        nickname: a
            .nickname
            .clone()
            .unwrap_or_else(|| if is_phone(a) { masked(a) } else { a.method.to_string() }),
        added: a.created_at,
        primary: own.map_or(a.primary, |own| *own == a.id),
    }
}

pub fn choose_method(scene: &Scene, base: &str, methods: &[Method], refused: &[(Method, Rule)]) -> ChooseMethod {
    let own = scene.user.as_ref().and_then(|u| u.standing.preferred);
    let preferred = own.or(scene.parties().pool().preferred.second);
    let choice = |method: &Method| {
        let mut of_method = scene.authenticators.iter().filter(|a| a.method == *method);
        let only = of_method.next().filter(|_| of_method.next().is_none());
        MethodChoice {
            method: *method,
            preferred: preferred == Some(*method),
            detail: only.and_then(detail),
        }
    };
    let mut choices: Vec<MethodChoice> = methods.iter().map(choice).collect();
    choices.sort_by_key(|c| !c.preferred);
    ChooseMethod {
        stage: pages::Stage::Second,
        choices,
        refused: refused_methods(scene, refused),
        pair_href: wants_phone(scene).then(|| format!("{base}/account/security")),
    }
}

/// Would a phone do here, and has this person none?
fn wants_phone(scene: &Scene) -> bool {
    let has = scene.authenticators.iter().any(|a| a.method == Method::Push);
    !has && !scene.requirement().refused.contains_key(&Method::Push)
}

/// Why ways are missing. What was never offered needs no excuse; one reason a method is enough.
pub fn refused_methods(scene: &Scene, refused: &[(Method, Rule)]) -> Vec<RefusedMethod> {
    let mut explained: Vec<RefusedMethod> = Vec::new();
    for (method, rule) in refused {
        let known = scene.current.workspace.settings.methods.contains(method);
        if known && *method != Method::Password && !explained.iter().any(|r| r.method == *method) {
            explained.push(refused_method(scene, *method, rule));
        }
    }
    explained
}

/// A rule in the person's words.
pub fn refused_method(scene: &Scene, method: Method, rule: &Rule) -> RefusedMethod {
    let policy = rule
        .source
        .strip_prefix("policy ")
        .and_then(|name| scene.current.workspace.policies.get(name));
    let own = policy.and_then(|p| p.description.clone());
    let groups = scene
        .user
        .iter()
        .flat_map(|u| u.groups.iter())
        .filter_map(|g| scene.current.workspace.groups.get(g));
    let by_group = policy.is_some_and(|p| groups.into_iter().any(|g| g.policies.contains(&p.name)));
    let signing = scene.requirement();
    let epcs = |acr: &String| acr.contains(":epcs");
    let signing = signing.any_of.iter().any(epcs) || signing.all_of.iter().any(|r| epcs(&r.value));
    let because = match (own.is_some(), rule.source.as_str()) {
        (true, _) => Because::Own,
        (_, "workspace") => Because::Workspace,
        (_, source) if source.starts_with("pool ") => Because::Workspace,
        _ if by_group || signing => Because::Prescriber,
        (_, source) if source.starts_with("policy ") => Because::Partner,
        _ => Because::Strength,
    };
    RefusedMethod {
        method,
        because,
        detail: own,
    }
}

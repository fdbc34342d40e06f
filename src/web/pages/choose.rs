//! Which way, and which device? With the ways that are refused, and why.

use serde::Serialize;

use crate::base::{AuthenticatorId, Timestamp};
use crate::policy::{Method, Rule};
use crate::web::page::Page;

/// `choose-method`: `<button name="method" value="totp">`; `action=cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct ChooseMethod {
    pub stage: Stage,
    /// In this order; the preferred one first, so that Enter takes it.
    pub choices: Vec<MethodChoice>,
    pub refused: Vec<RefusedMethod>,
    /// Where a phone is paired, for whoever has none that could be asked (S64).
    pub pair_href: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    First,
    Second,
}

#[derive(Clone, Debug, Serialize)]
pub struct MethodChoice {
    pub method: Method,
    pub preferred: bool,
    /// What tells this one apart: a nickname or a masked number.
    pub detail: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct RefusedMethod {
    pub method: Method,
    pub because: Because,
    /// The operator's own words, for `Because::Own`.
    pub detail: Option<String>,
}

/// Which rule refuses a method, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// The partner's policy.
    Partner,
    /// 21 CFR 1311.115: nothing that a phone number receives signs for controlled substances.
    Prescriber,
    /// The assurance that was asked for.
    Strength,
    /// The workspace has it off.
    Workspace,
    /// 800-63B-4 §3.2.2: a hundred wrong tries.
    Disabled,
    /// A rule of the operator that speaks for itself.
    Own,
}

impl Because {
    /// The words for the rule that policy named. Nobody but the caller knows that a policy is there for
    /// prescribers, or has a description of its own.
    pub fn of_rule(rule: &Rule) -> Self {
        match rule.key.as_str() {
            "required_acr" | "acr_values" | "allow_restricted" | "max_factor_age" => Self::Strength,
            _ if rule.source == "workspace" || rule.source.starts_with("pool ") => Self::Workspace,
            _ => Self::Partner,
        }
    }
}

impl Page for ChooseMethod {
    const ID: &'static str = "choose-method";
    const TEMPLATE: &'static str = "choose-method";

    fn samples() -> Vec<Self> {
        let choice = |method, preferred, detail: Option<&str>| MethodChoice {
            method,
            preferred,
            detail: detail.map(str::to_owned),
        };
        let refused = |method, because, detail: Option<&str>| RefusedMethod {
            method,
            because,
            detail: detail.map(str::to_owned),
        };
        let prescriber = Self {
            stage: Stage::Second,
            choices: vec![
                choice(Method::Push, true, Some("Office iPhone")),
                choice(Method::Totp, false, None),
                choice(Method::Webauthn, false, Some("<script>alert(1)</script>")),
            ],
            refused: vec![
                refused(Method::Sms, Because::Prescriber, None),
                refused(Method::Voice, Because::Partner, None),
            ],
            pair_href: None,
        };
        let everything = Self {
            stage: Stage::First,
            choices: Method::ALL
                .into_iter()
                .map(|m| choice(m, m == Method::Password, None))
                .collect(),
            refused: vec![],
            pair_href: None,
        };
        let nearly_nothing = Self {
            stage: Stage::Second,
            choices: vec![choice(Method::Sms, false, Some("(***) ***-*801"))],
            refused: vec![
                refused(Method::Totp, Because::Disabled, None),
                refused(Method::Push, Because::Strength, None),
                refused(Method::RecoveryCode, Because::Workspace, None),
                refused(Method::Webauthn, Because::Own, Some("Not in the <operating> theatre")),
            ],
            pair_href: Some("/account/security".to_owned()),
        };
        vec![prescriber, everything, nearly_nothing]
    }
}

/// `choose-authenticator`: `<button name="authenticator" value="ID">`; `action=choose|cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct ChooseAuthenticator {
    /// The primary one first.
    pub choices: Vec<AuthenticatorChoice>,
    pub can_choose_method: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct AuthenticatorChoice {
    pub authenticator: AuthenticatorId,
    pub method: Method,
    /// For a phone without a nickname: the masked number.
    pub nickname: String,
    pub added: Timestamp,
    pub primary: bool,
}

impl Page for ChooseAuthenticator {
    const ID: &'static str = "choose-authenticator";
    const TEMPLATE: &'static str = "choose-authenticator";

    fn samples() -> Vec<Self> {
        let of = |id: &str, nickname: &str, days: i64, primary| AuthenticatorChoice {
            authenticator: AuthenticatorId::new(id),
            method: Method::Totp,
            nickname: nickname.to_owned(),
            added: Timestamp::from_secs(1_741_781_000 + days * 86_400),
            primary,
        };
        vec![Self {
            choices: vec![
                of("q8Vw", "Office iPhone", 0, true),
                of(
                    "Zk1d",
                    "Hardware token in the drawer of the nurses' station",
                    200,
                    false,
                ),
                of("m_3x", "<script>alert(1)</script>", 433, false),
            ],
            can_choose_method: true,
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_becomes_a_reason() {
        let because = |source: &str, key: &str| Because::of_rule(&Rule::new(source, key));
        assert_eq!(because("policy epcs", "deny_methods"), Because::Partner);
        assert_eq!(because("policy epcs", "required_acr"), Because::Strength);
        assert_eq!(because("workspace", "methods"), Because::Workspace);
        assert_eq!(because("pool default", "second_factor"), Because::Workspace);
    }
}

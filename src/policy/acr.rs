//! What each acr value promises. The values are predicates over evidence, not a ladder: `epcs` and `phr`
//! are incomparable. They are data, in [`BUILT_IN`]; whoever adds one adds a row and no code.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::built_in::BUILT_IN;
use super::evidence::{Activation, CodeTransfer, Method, Proof};
use crate::base::Seconds;

/// What a proof may have to show beyond "the secret was right".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    UserVerified,
    Attested,
    Hardware,
    FipsListed,
    Roaming,
    /// Not syncable: 800-63B-4 §2.3.2 and 21 CFR 1311.115 want a key that cannot leave.
    DeviceBound,
    /// A number or QR code was carried over: approval alone is not AAL2 (800-63B-4 §3.1.3).
    CodeTransferred,
    /// The authenticator stated, signed, how it was unlocked.
    Activated,
    /// Not on the device that signs in.
    Apart,
    /// The partner accepts restricted authenticators (800-63B-4 §3.2.9).
    RiskAccepted,
}

impl Quality {
    /// Does this proof show it? `risk_accepted` is the requirement's `allow_restricted`.
    pub const fn shown_by(self, proof: &Proof, risk_accepted: bool) -> bool {
        match self {
            Self::UserVerified => proof.user_verified,
            Self::Attested => proof.attested,
            Self::Hardware => proof.hardware,
            Self::FipsListed => proof.fips_listed,
            Self::Roaming => proof.roaming,
            Self::DeviceBound => !proof.backup_eligible && !proof.backup_state,
            Self::CodeTransferred => !matches!(proof.code_transfer, CodeTransfer::None),
            Self::Activated => !matches!(proof.activation, Activation::None),
            Self::Apart => !proof.same_device,
            Self::RiskAccepted => risk_accepted,
        }
    }

    /// For `policy explain`; follows the method's name.
    pub const fn words(self) -> &'static str {
        match self {
            Self::UserVerified => "user verified",
            Self::Attested => "attested",
            Self::Hardware => "key in hardware",
            Self::FipsListed => "on the FIPS 140 list",
            Self::Roaming => "roaming",
            Self::DeviceBound => "not syncable",
            Self::CodeTransferred => "with code transfer",
            Self::Activated => "unlocked with PIN or biometric",
            Self::Apart => "on another device",
            Self::RiskAccepted => "if allow_restricted",
        }
    }
}

/// A method, used in a way that shows certain qualities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub method: Method,
    pub with: &'static [Quality],
}

impl Sort {
    /// Would an event of this method with this proof do?
    pub fn fits(&self, method: Method, proof: &Proof, risk_accepted: bool) -> bool {
        self.method == method && self.with.iter().all(|q| q.shown_by(proof, risk_accepted))
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.method)?;
        let words: Vec<_> = self.with.iter().map(|q| q.words()).collect();
        if words.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", words.join(", "))
        }
    }
}

/// A part that one event must play: any of these sorts will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role(pub &'static [Sort]);

impl Role {
    /// Can an event of this method with this proof play the part?
    pub fn played_by(&self, method: Method, proof: &Proof, risk_accepted: bool) -> bool {
        self.0.iter().any(|s| s.fits(method, proof, risk_accepted))
    }
}

/// A promise: at least one alternative, all of whose roles are played. The roles of one alternative share
/// no method (a test holds it), so one event never plays two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Predicate {
    pub value: &'static str,
    pub promise: &'static str,
    pub alternatives: &'static [&'static [Role]],
    /// All roles within one ceremony, and nothing else stands behind the acr (21 CFR 1311.115(a), .140(a)(4)).
    pub one_ceremony: bool,
    /// An older event does not count.
    pub overall: Seconds,
    /// After this long without activity earlier events do not count; `None`: idleness does not matter.
    pub idle: Option<Seconds>,
    /// Returned only to whom asks or demands it, and its authenticators are never set up inside a
    /// sign-in, for they are activated over two channels (21 CFR 1311.105(c)).
    pub only_when_asked: bool,
}

impl Predicate {
    /// Is some alternative complete, where `played` says whether a role is played?
    pub fn met_by(&self, played: impl Fn(&Role) -> bool) -> bool {
        self.alternatives.iter().any(|roles| roles.iter().all(&played))
    }

    /// Can such an event play any role at all?
    pub fn uses(&self, method: Method, proof: &Proof, risk_accepted: bool) -> bool {
        self.roles().any(|r| r.played_by(method, proof, risk_accepted))
    }

    /// Why no event of this method can ever play a role: the key of the rule, or `None` if one could.
    pub fn bar(&self, method: Method, risk_accepted: bool) -> Option<&'static str> {
        let mut sorts = self.roles().flat_map(|r| r.0).filter(|s| s.method == method).peekable();
        if sorts.peek().is_none() {
            return Some("acr");
        }
        let restricted = sorts.all(|s| s.with.contains(&Quality::RiskAccepted));
        (restricted && !risk_accepted).then_some("allow_restricted")
    }

    fn roles(&self) -> impl Iterator<Item = &'static Role> {
        self.alternatives.iter().flat_map(|roles| roles.iter())
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, roles) in self.alternatives.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { "; or " })?;
            for (j, role) in roles.iter().enumerate() {
                f.write_str(if j == 0 { "" } else { " and " })?;
                let sorts: Vec<_> = role.0.iter().map(ToString::to_string).collect();
                match sorts.as_slice() {
                    [one] => f.write_str(one)?,
                    many => write!(f, "one of [{}]", many.join(", "))?,
                }
            }
        }
        if self.one_ceremony {
            f.write_str("; all in one ceremony")?;
        }
        write!(f, "; at most {} s old", self.overall.0)?;
        self.idle
            .map_or(Ok(()), |idle| write!(f, ", idle at most {} s", idle.0))
    }
}

/// One `[[acr]]` entry of a workspace: another name for a promise that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnAcr {
    /// What clients ask for and tokens say.
    pub value: String,
    /// A built-in value, or one that an earlier entry defines.
    pub same_as: String,
}

/// Why a table of acr values cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcrTableError {
    // OIDC Core §3.1.2.1: acr_values is a space-separated list.
    #[error("acr value {0:?} must not be empty or contain spaces")]
    NotAValue(String),
    #[error("acr value {0:?} exists already; choose another name")]
    Taken(String),
    #[error("acr value {value:?} is same_as {same_as:?}, which is neither built in nor defined before it")]
    NoSuchBase { value: String, same_as: String },
}

/// The acr values of one workspace: the built-in ones and the operator's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcrTable {
    entries: Vec<(String, &'static Predicate)>,
}

impl Default for AcrTable {
    /// The built-in values alone.
    fn default() -> Self {
        static ROWS: [Predicate; 9] = BUILT_IN;
        Self {
            entries: ROWS.iter().map(|p| (p.value.to_owned(), p)).collect(),
        }
    }
}

impl AcrTable {
    /// The built-in values and the operator's own, in the order of the file.
    ///
    /// # Errors
    /// A value that is no single word, that is taken, or whose `same_as` is not known by then.
    pub fn new(own: &[OwnAcr]) -> Result<Self, AcrTableError> {
        let mut table = Self::default();
        for OwnAcr { value, same_as } in own {
            if value.is_empty() || value.contains(|c: char| c.is_whitespace() || c.is_control()) {
                return Err(AcrTableError::NotAValue(value.clone()));
            }
            if table.get(value).is_some() {
                return Err(AcrTableError::Taken(value.clone()));
            }
            let Some(predicate) = table.get(same_as) else {
                return Err(AcrTableError::NoSuchBase {
                    value: value.clone(),
                    same_as: same_as.clone(),
                });
            };
            table.entries.push((value.clone(), predicate));
        }
        Ok(table)
    }

    /// What this value promises; `None` if nobody defined it.
    pub fn get(&self, value: &str) -> Option<&'static Predicate> {
        self.entries.iter().find(|(v, _)| v == value).map(|(_, p)| *p)
    }

    /// `acr_values_supported` (OIDC Discovery §3; RFC 9470 §7: their presence says that acr_values is honoured).
    pub fn supported(&self) -> Vec<&str> {
        self.entries.iter().map(|(v, _)| v.as_str()).collect()
    }
}

/// Place in the fixed order of naming; values that are not built in come last.
pub(super) fn rank(value: &str) -> usize {
    BUILT_IN.iter().position(|p| p.value == value).unwrap_or(BUILT_IN.len())
}

#[cfg(test)]
mod tests {
    use super::super::built_in::*;
    use super::*;

    #[test]
    fn the_roles_of_an_alternative_share_no_method() {
        for roles in BUILT_IN.iter().flat_map(|p| p.alternatives) {
            let methods: Vec<_> = Method::ALL
                .into_iter()
                .map(|m| roles.iter().filter(|r| r.0.iter().any(|s| s.method == m)).count())
                .collect();
            assert!(methods.iter().all(|n| *n <= 1), "{roles:?}");
        }
    }

    #[test]
    fn an_operator_names_old_promises_anew_and_nothing_else() {
        let own = |value: &str, same_as: &str| OwnAcr {
            value: value.into(),
            same_as: same_as.into(),
        };
        let aal2 = "http://idmanagement.gov/ns/assurance/aal/2";
        let table = AcrTable::new(&[own(aal2, ACR_AAL2), own("gold", aal2)]).unwrap();
        assert_eq!(table.get("gold"), table.get(ACR_AAL2));
        assert_eq!(table.supported().len(), 11);
        assert!(matches!(
            AcrTable::new(&[own("phr", ACR_1FA)]),
            Err(AcrTableError::Taken(_))
        ));
        assert!(matches!(
            AcrTable::new(&[own("a b", ACR_1FA)]),
            Err(AcrTableError::NotAValue(_))
        ));
        assert!(matches!(
            AcrTable::new(&[own("a", "b")]),
            Err(AcrTableError::NoSuchBase { .. })
        ));
    }

    #[test]
    fn a_predicate_says_in_words_what_it_wants() {
        let table = AcrTable::default();
        assert_eq!(
            table.get(ACR_EPCS).unwrap().to_string(),
            "password and one of [totp (on another device), push (with code transfer, on another device), \
             webauthn (attested, roaming, not syncable)]; all in one ceremony; at most 120 s old"
        );
    }
}

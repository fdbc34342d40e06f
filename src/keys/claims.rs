//! What must be true of a verified token before its claims are believed (RFC 7519 §4.1, RFC 8725 §3).
//! Not left to jsonwebtoken: it reads the system's clock and takes missing claims for fine.

use serde_json::{Map, Value};

use super::Alg;
use super::jose::{Header, JoseError};
use crate::base::{Seconds, Timestamp};

/// How far ahead another machine's clock may be. FAPI 2.0 §5.3.2.1: 0 to 10 s must be accepted, above 60 s refused.
pub const FUTURE_SKEW: Seconds = Seconds(30);

/// What the reader of a token demands. Fields have no defaults: each reader says what it means.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Everything else is refused, whatever the key could do (RFC 8725 §3.1).
    pub algs: &'a [Alg],
    /// Explicit typing keeps one kind of token from being used as another (RFC 8725 §3.11).
    pub typ: TypRule<'a>,
    /// `iss` must be exactly this.
    pub issuer: Option<&'a str>,
    /// `aud` must name at least one of these.
    pub audience: Option<&'a [&'a str]>,
    pub expiry: Expiry,
    pub now: Timestamp,
}

#[derive(Clone, Copy, Debug)]
pub enum TypRule<'a> {
    /// Must be present and one of these, e.g. `at+jwt` (RFC 9068 §4).
    OneOf(&'a [&'a str]),
    /// May be missing; if present, one of these.
    AbsentOr(&'a [&'a str]),
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// `exp` must be there and ahead of now.
    Required,
    /// `exp` counts if it is there (DPoP proofs have none).
    IfPresent,
    /// Old is fine: an `id_token_hint` (RP-Initiated Logout §2: the OP should accept expired ones).
    Ignored,
}

/// A token whose signature, type and standard claims were checked.
#[derive(Clone, Debug)]
pub struct Verified {
    pub header: Header,
    pub claims: Map<String, Value>,
}

impl Verified {
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    /// A NumericDate (RFC 7519 §2), fractions of a second kept.
    pub fn moment(&self, claim: &'static str) -> Result<Option<Timestamp>, JoseError> {
        moment(&self.claims, claim)
    }

    /// `aud` as a list. FAPI wants one text and no array: `text("aud")` answers that.
    pub fn audience(&self) -> Vec<&str> {
        audience(&self.claims)
    }

    /// Reads the claims into a type of the caller's.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, JoseError> {
        serde_json::from_value(Value::Object(self.claims.clone())).map_err(|e| JoseError::BadClaims(e.to_string()))
    }
}

impl Expected<'_> {
    pub(super) fn check_typ(&self, header: &Header) -> Result<(), JoseError> {
        // RFC 7515 §4.1.9: a media type, compared without case; "application/" may be left out.
        let plain = |typ: &str| {
            let lower = typ.to_ascii_lowercase();
            lower.strip_prefix("application/").map(str::to_owned).unwrap_or(lower)
        };
        let fits = |wanted: &[&str], typ: &str| wanted.iter().any(|w| plain(w) == plain(typ));
        let ok = match (self.typ, header.typ.as_deref()) {
            (TypRule::Any, _) | (TypRule::AbsentOr(_), None) => true,
            (TypRule::OneOf(_), None) => false,
            (TypRule::OneOf(wanted) | TypRule::AbsentOr(wanted), Some(typ)) => fits(wanted, typ),
        };
        if ok { Ok(()) } else { Err(JoseError::WrongType) }
    }

    pub(super) fn check_claims(&self, claims: &Map<String, Value>) -> Result<(), JoseError> {
        if let Some(issuer) = self.issuer {
            match claims.get("iss") {
                None => return Err(JoseError::MissingClaim("iss")),
                Some(iss) if iss == issuer => {}
                Some(_) => return Err(JoseError::WrongIssuer),
            }
        }
        if let Some(accepted) = self.audience {
            if !claims.contains_key("aud") {
                return Err(JoseError::MissingClaim("aud"));
            }
            if !audience(claims).iter().any(|aud| accepted.contains(aud)) {
                return Err(JoseError::WrongAudience);
            }
        }
        self.check_times(claims)
    }

    fn check_times(&self, claims: &Map<String, Value>) -> Result<(), JoseError> {
        let ahead = self.now.plus(FUTURE_SKEW);
        for name in ["nbf", "iat"] {
            if moment(claims, name)?.is_some_and(|t| t > ahead) {
                return Err(JoseError::NotYetValid);
            }
        }
        match (self.expiry, moment(claims, "exp")?) {
            (Expiry::Required, None) => Err(JoseError::MissingClaim("exp")),
            // RFC 7519 §4.1.4: "on or after" the moment it is refused. No leeway: it would only lengthen a life.
            (Expiry::Required | Expiry::IfPresent, Some(exp)) if exp <= self.now => Err(JoseError::Expired),
            _ => Ok(()),
        }
    }
}

fn audience(claims: &Map<String, Value>) -> Vec<&str> {
    match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn moment(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, JoseError> {
    /// The end of year 9999; beyond it a number is a mistake (milliseconds, usually).
    const LATEST: f64 = 253_402_300_799.0;
    match claims.get(name) {
        None => Ok(None),
        Some(value) => match value.as_f64() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "bounded by LATEST: below 2^58 microseconds"
            )]
            Some(secs) if (0.0..=LATEST).contains(&secs) => Ok(Some(Timestamp::from_micros((secs * 1e6) as i64))),
            _ => Err(JoseError::BadClaims(format!(
                "`{name}` is not a NumericDate in seconds"
            ))),
        },
    }
}

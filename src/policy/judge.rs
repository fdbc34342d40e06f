//! Does this evidence meet this requirement at this moment? Asked of real evidence, and of evidence as it
//! would be after further proofs.

use super::acr::{AcrTable, Predicate};
use super::evidence::{Activation, CodeTransfer, Enrolled, FactorEvent, Method, Proof};
use super::requirement::{Requirement, Rule};
use crate::base::{AuthenticatorId, CeremonyId, EventId, Timestamp};

/// How many further proofs a plan may have. No combination of built-in predicates needs more than a password
/// and two kinds of key; a property test ("following the advice ends") would find one that does.
const LARGEST_PLAN: usize = 3;

/// An event as far as judgement goes: a real one, or one that could still be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ev<'a> {
    pub id: Option<&'a EventId>,
    /// `None`: the ceremony that would begin now.
    pub ceremony: Option<&'a CeremonyId>,
    pub authenticator: Option<&'a AuthenticatorId>,
    pub method: Method,
    pub at: Timestamp,
    pub proof: &'a Proof,
}

impl<'a> Ev<'a> {
    fn real(e: &'a FactorEvent) -> Self {
        Self {
            id: Some(&e.id),
            ceremony: Some(&e.ceremony),
            authenticator: Some(&e.authenticator),
            method: e.method,
            at: e.at,
            proof: &e.proof,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Judge<'a> {
    pub table: &'a AcrTable,
    pub need: &'a Requirement,
    pub last_active: Timestamp,
    /// The one under way, if any: what stands for one act has to be proved in it, however young an earlier one is.
    pub ceremony: Option<&'a CeremonyId>,
    pub now: Timestamp,
    /// Look away from age and ceremony: was this ever proved?
    pub timeless: bool,
    /// Look away from what cannot be had by setting up a method on the way (21 CFR 1311.105(c)).
    pub setting_up: bool,
}

impl<'a> Judge<'a> {
    /// The events that the requirement lets count at all, whatever acr they are for.
    pub fn valid(&self, events: &'a [FactorEvent]) -> Vec<Ev<'a>> {
        events.iter().map(Ev::real).filter(|e| self.counts(e)).collect()
    }

    fn counts(&self, e: &Ev<'_>) -> bool {
        let old = self
            .need
            .max_age
            .as_ref()
            .is_some_and(|age| e.at.older_than(age.value, self.now));
        let before = self.need.not_before.is_some_and(|t| e.at < t);
        self.permits(e.method, e.proof) && (self.timeless || !(old || before))
    }

    /// May this method with this proof be used?
    pub fn permits(&self, method: Method, proof: &Proof) -> bool {
        // A tap that one partner was content with is none where a number has to be carried over.
        let tapped = method == Method::Push && matches!(proof.code_transfer, CodeTransfer::None);
        !self.need.refused.contains_key(&method)
            && (self.need.allow_one_tap || !tapped)
            && self.broken(method, proof).next().is_none()
    }

    /// The rules about qualities that this use of a method breaks. They concern what one has, never the password.
    pub fn broken(&self, method: Method, p: &Proof) -> impl Iterator<Item = &'a Rule> {
        let need = self.need;
        let key = method == Method::Webauthn;
        let possession = method != Method::Password;
        // An AAGUID that no attestation vouches for is only a claim.
        let listed = |models: &std::collections::BTreeSet<String>| {
            p.attested
                && p.aaguid
                    .as_ref()
                    .is_some_and(|a| models.contains(&a.to_ascii_lowercase()))
        };
        let models = need.allowed_aaguids.as_ref();
        [
            // A WebAuthn key is apart only if it is known to roam (800-63B-4 §4.1.3: assume the weaker).
            need.separate_device
                .as_ref()
                .filter(|_| possession && (p.same_device || (key && !p.roaming))),
            need.require_attestation.as_ref().filter(|_| key && !p.attested),
            models.filter(|m| key && !listed(&m.value)).map(|m| &m.rule),
            need.deny_synced_passkeys
                .as_ref()
                .filter(|_| key && (p.backup_eligible || p.backup_state)),
            need.require_fips_listed
                .as_ref()
                .filter(|_| possession && !p.fips_listed),
        ]
        .into_iter()
        .flatten()
    }

    /// Is this event young enough for this acr, and the session not idle for too long?
    pub fn within(&self, acr: &Predicate, e: &Ev<'_>) -> bool {
        // What was proved after the last activity is itself activity, and does not revive what was before.
        let active = self.last_active.max(e.at);
        self.timeless
            || !(e.at.older_than(acr.overall, self.now)
                || acr.idle.is_some_and(|idle| active.older_than(idle, self.now)))
    }

    /// Do these (valid) events keep the acr's promise?
    pub fn holds(&self, acr: &Predicate, events: &[Ev<'_>]) -> bool {
        if acr.only_when_asked && (self.setting_up || self.need.withheld.is_some()) {
            return false;
        }
        let plays = |role: &super::acr::Role, e: &Ev<'_>| {
            self.within(acr, e) && role.played_by(e.method, e.proof, self.need.allow_restricted)
        };
        if acr.one_ceremony && !self.timeless {
            // 21 CFR 1311.140(a)(4): each signing anew; nothing that an earlier ceremony proved is taken over.
            let here = |e: &&Ev<'_>| self.ceremony.is_none_or(|c| e.ceremony == Some(c));
            events
                .iter()
                .filter(here)
                .any(|first| acr.met_by(|role| events.iter().any(|e| e.ceremony == first.ceremony && plays(role, e))))
        } else {
            acr.met_by(|role| events.iter().any(|e| plays(role, e)))
        }
    }

    /// Like `holds`, by name; a value that nobody defined never holds.
    pub fn holds_value(&self, value: &str, events: &[Ev<'_>]) -> bool {
        self.table.get(value).is_some_and(|acr| self.holds(acr, events))
    }

    /// The acr that a token would name, if these events meet the whole requirement.
    pub fn named(&self, events: &[Ev<'_>]) -> Option<&'a str> {
        let need = self.need;
        if !need.all_of.iter().all(|acr| self.holds_value(&acr.value, events)) {
            return None;
        }
        if !need.any_of.is_empty() {
            return need
                .any_of
                .iter()
                .map(String::as_str)
                .find(|v| self.holds_value(v, events));
        }
        if let Some(first) = need.all_of.first() {
            return Some(&first.value);
        }
        // Nobody passes without a factor: even the last of these needs one.
        let unasked = super::built_in::BUILT_IN.iter().filter(|acr| !acr.only_when_asked);
        unasked
            .into_iter()
            .find(|acr| self.holds(acr, events))
            .map(|acr| acr.value)
    }

    /// The event that proving this would add, at its best.
    pub fn would_be<'b>(&self, method: Method, best: &'b Proof, ceremony: Option<&'b CeremonyId>) -> Ev<'b> {
        // A clock that went back must not make the requirement impossible.
        let at = self.need.not_before.map_or(self.now, |t| t.max(self.now));
        Ev {
            id: None,
            ceremony,
            authenticator: None,
            method,
            at,
            proof: best,
        }
    }

    /// Every smallest set of candidates that, added to what is there, meets the requirement; fewest first.
    pub fn plans(&self, held: &[Ev<'_>], candidates: &[Ev<'_>]) -> Vec<Vec<usize>> {
        let mut found: Vec<Vec<usize>> = Vec::new();
        for size in 1..=LARGEST_PLAN.min(candidates.len()) {
            let mut chosen: Vec<usize> = (0..size).collect();
            loop {
                let redundant = found.iter().any(|plan| plan.iter().all(|i| chosen.contains(i)));
                if !redundant && self.named(&with(held, candidates, &chosen)).is_some() {
                    found.push(chosen.clone());
                }
                if !next_choice(&mut chosen, candidates.len()) {
                    break;
                }
            }
        }
        found
    }
}

fn with<'e>(held: &[Ev<'e>], candidates: &[Ev<'e>], chosen: &[usize]) -> Vec<Ev<'e>> {
    let more = chosen.iter().filter_map(|i| candidates.get(*i));
    held.iter().chain(more).copied().collect()
}

/// The next ascending choice out of `0..n` in dictionary order; false after the last.
fn next_choice(chosen: &mut [usize], n: usize) -> bool {
    let size = chosen.len();
    for i in (0..size).rev() {
        if chosen[i] < n - (size - i) {
            chosen[i] += 1;
            for j in i + 1..size {
                chosen[j] = chosen[j - 1] + 1;
            }
            return true;
        }
    }
    false
}

/// The best authenticator of a method that a person could set up alone.
pub(super) fn ideal(method: Method, need: &Requirement) -> Proof {
    let mut best = Proof::default();
    if matches!(method, Method::Push | Method::Webauthn) {
        best = Proof {
            user_verified: true,
            user_present: true,
            attested: true,
            hardware: true,
            fips_listed: true,
            activation: Activation::Pin,
            ..best
        };
    }
    match method {
        Method::Push => best.code_transfer = CodeTransfer::Typed,
        Method::Webauthn => {
            best.roaming = true;
            best.aaguid = need
                .allowed_aaguids
                .as_ref()
                .and_then(|models| models.value.first().cloned());
        }
        // A code generator that people bring along carries no certificate: `fips_listed` stays false.
        Method::Password | Method::Totp | Method::Sms | Method::Voice | Method::RecoveryCode => {}
    }
    best
}

/// Authenticators that policy cannot tell apart, for example five equal security keys, are planned with as one.
pub(super) fn alike(a: &Enrolled, b: &Enrolled) -> bool {
    // Models were looked at when asking what is permitted.
    let but_model = |p: &Proof| Proof {
        aaguid: None,
        ..p.clone()
    };
    a.method == b.method && but_model(&a.best) == but_model(&b.best)
}

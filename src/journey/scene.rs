//! Everything that bears on one authorization request at one moment, read in one place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::demand::{Asked, Held, Parties, enrolled};
use super::provider::{Current, LoadError, Provider};
use super::visitor::Visitor;
use crate::base::{AuthenticatorId, AuthorizationId, Timestamp, UserId};
use crate::model::errand::CHANGE_WINDOW;
use crate::model::{Authenticator, AuthenticatorStatus, Authorization, Errand, Session, Stage, User, UserStatus};
use crate::policy::{CodeTransfer, Decision, Enrolled, Method, Missing, Proof, Requirement, Rule};
use crate::protocol::client::Client;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::storage::grants::Consent;
use crate::storage::{self, Tx};

pub struct Scene {
    pub current: Arc<Current>,
    pub client: Client,
    pub authorization: Authorization,
    /// The browser's session, if it is this person's.
    pub session: Option<Session>,
    /// Whom it is about, once that is known.
    pub user: Option<User>,
    pub authenticators: Vec<Authenticator>,
    pub enrolled: Vec<Enrolled>,
    pub consent: Consent,
    /// The browser is one that this person asked us to remember: never a factor.
    pub remembered: bool,
    remember_token: Option<String>,
    pub now: Timestamp,
}

/// Why an interaction cannot go on. None of these may be sent to a partner: whoever asks has not shown
/// that the request is theirs.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("there is no such sign-in, or it belongs to another browser")]
    Unknown,
    /// It came by a partner's form and no browser has shown up yet: see `authorize::adopt`.
    #[error("this sign-in belongs to no browser yet")]
    Unowned,
    #[error("this sign-in has been finished already")]
    Finished,
    #[error("the partner is no longer registered")]
    ClientGone,
    #[error("too many sign-ins at once")]
    Busy,
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl From<super::hasher::Busy> for Trouble {
    fn from(_: super::hasher::Busy) -> Self {
        Self::Busy
    }
}

impl Scene {
    /// The scene behind a page's address, for the browser that owns it.
    pub async fn load(op: &Provider, tx: &mut Tx, id: &AuthorizationId, visitor: &Visitor) -> Result<Self, Trouble> {
        // Ours are base64url: whatever else stands in the path is nobody's.
        if id.as_str().contains(|c: char| c.is_control()) {
            return Err(Trouble::Unknown);
        }
        let authorization = tx.authorization(id).await?.ok_or(Trouble::Unknown)?;
        // The address alone is not enough: else a stranger could let somebody sign in for him.
        let owner = authorization.browser_hash.as_deref();
        if owner.is_none() {
            return Err(Trouble::Unowned);
        }
        if owner != visitor.browser_hash().as_deref() {
            return Err(Trouble::Unknown);
        }
        if authorization.finished_at.is_some() {
            return Err(Trouble::Finished);
        }
        // What can no longer be answered asks nobody for a password: a right one would be neither counted nor written down.
        if let Some(pushed) = &authorization.pushed
            && !tx.pushed_is_open(pushed).await?
        {
            return Err(Trouble::Finished);
        }
        Self::gather(op, tx, authorization, visitor).await
    }

    /// The same for a request that has just come, before it is stored.
    pub async fn gather(
        op: &Provider,
        tx: &mut Tx,
        authorization: Authorization,
        visitor: &Visitor,
    ) -> Result<Self, Trouble> {
        let current = op.current_in(tx).await?;
        let session = live_session(tx, visitor, op.now()).await?;
        Self::compose(op, tx, authorization, current, (session, visitor)).await
    }

    /// The same, where workspace and session have just been read.
    pub async fn compose(
        op: &Provider,
        tx: &mut Tx,
        authorization: Authorization,
        current: Arc<Current>,
        (session, visitor): (Option<Session>, &Visitor),
    ) -> Result<Self, Trouble> {
        let now = op.now();
        let client = match &authorization.errand {
            Some(_) => Some(&op.account),
            None => current.workspace.clients.get(&authorization.client),
        };
        let client = client.cloned().ok_or(Trouble::ClientGone)?;
        let mut scene = Self {
            current,
            client,
            authorization,
            session: None,
            user: None,
            authenticators: Vec::new(),
            enrolled: Vec::new(),
            consent: Consent::default(),
            remembered: false,
            remember_token: visitor.remembered.clone(),
            now,
        };
        if let Some(user) = scene.authorization.stage.user().cloned() {
            scene.meet(tx, &user).await?;
            scene.session = session.filter(|s| s.user == user);
            scene.forget_what_is_gone();
        }
        Ok(scene)
    }

    /// What was proved with an authenticator that has been removed, suspended or disabled since counts no more.
    pub fn forget_what_is_gone(&mut self) {
        let active = |id: &AuthenticatorId| {
            self.authenticators
                .iter()
                .any(|a| a.id == *id && a.status == AuthenticatorStatus::Active)
        };
        if let Some(session) = &mut self.session {
            session.events.retain(|e| active(&e.authenticator));
        }
    }

    /// Learns about the person it is about.
    pub async fn meet(&mut self, tx: &mut Tx, id: &UserId) -> Result<(), Trouble> {
        let user = tx.user(id).await?;
        self.know(tx, user).await
    }

    /// The same, where the person has just been read.
    pub async fn know(&mut self, tx: &mut Tx, user: Option<User>) -> Result<(), Trouble> {
        self.user = user.filter(|u| u.status == UserStatus::Active);
        if let Some(user) = &self.user {
            self.authenticators = tx.authenticators(&user.id).await?;
            self.enrolled = enrolled(&self.authenticators);
            self.consent = tx.consent(&user.id, &self.client.id).await?;
            self.remembered = match &self.remember_token {
                Some(token) => tx.is_remembered(token, &user.id, self.now).await?,
                None => false,
            };
        }
        Ok(())
    }

    pub fn parties(&self) -> Parties<'_> {
        Parties {
            workspace: &self.current.workspace,
            client: &self.client,
            user: self.user.as_ref(),
        }
    }

    pub fn asked(&self) -> Asked {
        Asked::of(&self.authorization.request, self.authorization.created_at)
    }

    /// Why nothing can come of it, whatever anybody proves. RFC 8628 §5.4: whoever types a code does not see what is asked on
    /// the device, so nothing that stands for one act is given there.
    pub fn is_over(&self) -> Option<OAuthError> {
        if self.authorization.expired(self.now) {
            return Some(OAuthError::new(ErrorCode::AccessDenied, "expired"));
        }
        self.authorization.deferred.as_ref()?;
        let acr = self.parties().one_act(&self.asked())?;
        let why = format!("{acr} stands for one act and is not given to a device");
        Some(OAuthError::new(ErrorCode::AccessDenied, why))
    }

    /// What is demanded: by a partner's request, or before something of the account may be changed.
    pub fn requirement(&self) -> Requirement {
        match &self.authorization.errand {
            Some(errand) if errand.recovers() => self.recovery(),
            Some(errand) if errand.changes() => self.binding(),
            _ => self.parties().requirement(&self.asked()),
        }
    }

    /// What must be proved before an authenticator is bound here (800-63B-4 §4.1.2.1). On a partner's request methods
    /// that the partner refuses stay refused: then it has to be done on the account's own pages.
    pub fn binding(&self) -> Requirement {
        let since = self.authorization.created_at.minus(CHANGE_WINDOW);
        let mut need = self.parties().binding(since, &self.enrolled, self.now);
        if self.authorization.errand.is_none() {
            for (method, rules) in self.parties().requirement(&self.asked()).refused {
                need.refused.entry(method).or_default().extend(rules);
            }
        }
        need
    }

    /// What must be proved, since then, before a forgotten password is replaced.
    fn recovery(&self) -> Requirement {
        self.parties().recovery(self.authorization.created_at)
    }

    /// Is a forgotten password replaced here?
    pub fn recovers(&self) -> bool {
        self.authorization.errand.as_ref().is_some_and(Errand::recovers)
    }

    /// Does a way to what is demanded lead only through the authenticator's verifying its user (PIN, fingerprint, face)?
    pub fn needs_user_verification(&self, id: &AuthenticatorId) -> bool {
        self.needs(id, |best| best.user_verified = false)
    }

    /// The same of carrying a number from the browser to the phone.
    pub fn needs_code_transfer(&self, id: &AuthenticatorId) -> bool {
        self.needs(id, |best| best.code_transfer = CodeTransfer::None)
    }

    /// Would this authenticator not do if it could show less?
    fn needs(&self, id: &AuthenticatorId, weaken: impl Fn(&mut Proof)) -> bool {
        let mut weaker = self.enrolled.clone();
        weaker.retain(|e| e.id == *id || e.method == Method::Password);
        for e in weaker.iter_mut().filter(|e| e.id == *id) {
            weaken(&mut e.best);
        }
        let held = Held::of_session(self.session.as_ref(), &weaker, self.now).in_ceremony(&self.authorization.ceremony);
        let need = self.requirement();
        match held.decide(&self.current.workspace.acrs, &need) {
            Decision::Satisfied(_) => false,
            Decision::Prove { acceptable, .. } => !acceptable.contains(id),
            Decision::Enrol { .. } | Decision::Never(_) => true,
        }
    }

    /// Was the session begun, for this request, by a method that the pool takes as a first factor?
    fn opened_rightly(&self) -> bool {
        if self.recovers() {
            // The code that was mailed stands where the first factor was forgotten.
            return true;
        }
        let first = self.parties().pool().first_factor;
        let since = match &self.authorization.errand {
            Some(errand) if errand.changes() => Some(self.authorization.created_at.minus(CHANGE_WINDOW)),
            _ => self.asked().request.not_before,
        };
        let events = self.session.iter().flat_map(|s| s.events.iter());
        events
            .filter(|e| since.is_none_or(|since| e.at >= since))
            .any(|e| first.contains(&e.method))
    }

    /// Which of these may be used at this point: until somebody has begun, first factors only.
    pub fn permitted_now<T>(&self, mut by_method: BTreeMap<Method, T>) -> BTreeMap<Method, T> {
        if !self.opened_rightly() {
            let first = self.parties().pool().first_factor;
            by_method.retain(|method, _| first.contains(method));
        }
        by_method
    }

    /// The rule that forbids this method at this point, if one does.
    pub fn too_early(&self, method: Method) -> Option<Rule> {
        let pool = self.parties().pool();
        let early = !self.opened_rightly() && !pool.first_factor.contains(&method);
        early.then(|| Rule::new(format!("pool {}", pool.name), "first_factor"))
    }

    /// Has nobody begun yet, and is this a first factor?
    pub fn may_begin_with(&self, method: Method) -> bool {
        !self.opened_rightly() && self.parties().pool().first_factor.contains(&method)
    }

    fn first_factors(&self) -> Decision {
        let first = self.parties().pool().first_factor;
        let usable = self.enrolled.iter().filter(|e| e.usable && first.contains(&e.method));
        Decision::Prove {
            missing: Missing {
                knowledge: first.contains(&Method::Password),
                possession: true,
                fresh: true,
                steps: 1,
            },
            acceptable: usable.map(|e| e.id.clone()).collect(),
            refused: Vec::new(),
        }
    }

    /// The one decision, for the page, the endpoint and the token.
    pub fn decision(&self, interactive: bool) -> Decision {
        let held = self.held().in_remembered_browser(self.remembered);
        let decision = match &self.authorization.errand {
            Some(errand) if errand.recovers() => held.decide(&self.current.workspace.acrs, &self.recovery()),
            Some(errand) if errand.changes() => held.decide(&self.current.workspace.acrs, &self.binding()),
            _ => self.parties().decide(&self.asked(), &held, interactive),
        };
        match decision {
            Decision::Satisfied(_) if !self.opened_rightly() => self.first_factors(),
            decision => decision,
        }
    }

    /// What is to be proved on the pages now: for what is demanded, or before something that would do is set up.
    pub fn to_prove(&self) -> Decision {
        match self.decision(true) {
            Decision::Enrol { .. } => self.binding_decision(),
            decision => decision,
        }
    }

    /// May an authenticator be bound now, or what has to be proved first?
    pub fn binding_decision(&self) -> Decision {
        self.held().decide(&self.current.workspace.acrs, &self.binding())
    }

    fn held(&self) -> Held<'_> {
        Held::of_session(self.session.as_ref(), &self.enrolled, self.now).in_ceremony(&self.authorization.ceremony)
    }

    pub fn authenticator(&self, id: &str) -> Option<&Authenticator> {
        self.authenticators.iter().find(|a| a.id.as_str() == id)
    }

    pub fn generation(&self) -> i64 {
        self.current.workspace.generation
    }

    /// Was something proved in this very ceremony?
    pub fn proved_here(&self) -> bool {
        let here = |s: &Session| s.events.iter().any(|e| e.ceremony == self.authorization.ceremony);
        self.session.as_ref().is_some_and(here)
    }

    /// May the person go on as somebody else?
    pub fn may_switch(&self) -> bool {
        self.authorization.subject.is_none()
            && matches!(self.authorization.stage, Stage::Bound { .. })
            && !self.proved_here()
    }
}

/// The session behind the cookie, unless it has ended or outlived itself.
pub async fn live_session(tx: &mut Tx, visitor: &Visitor, now: Timestamp) -> Result<Option<Session>, storage::Error> {
    let Some(hash) = visitor.session_hash() else {
        return Ok(None);
    };
    Ok(tx.session_by_cookie(&hash).await?.filter(|s| s.alive(now)))
}

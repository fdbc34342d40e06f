//! What we remember of each browser, in memory, under an unguessable cookie: requests that the provider has not
//! answered yet (one per tab), and the session. The browser itself carries nothing but the cookie.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use openidconnect::{CsrfToken, SubjectIdentifier};
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::{
    history::Pass,
    proof::Proof,
    provider::{ClinicIdToken, Request},
};

const REQUEST_LIFETIME_SECONDS: i64 = 600;
const SESSION_LIFETIME_SECONDS: i64 = 8 * 3600;
/// Unanswered requests per browser; the oldest goes first.
const MAX_REQUESTS: usize = 8;
/// Browsers in all; those without a session go first.
const MAX_BROWSERS: usize = 10_000;
const COOKIE_BYTES: u32 = 32;

/// Somebody is signed in.
#[derive(Clone)]
pub struct Session {
    pub sub: SubjectIdentifier,
    pub name: String,
    /// For the logout.
    pub id_token: Arc<ClinicIdToken>,
    /// The claims of the sign-in, for programs.
    pub claims: Value,
    /// Goes into our forms.
    pub form_token: CsrfToken,
    /// Seconds since the epoch.
    pub since: i64,
    pub signing: Option<Signing>,
    /// For the registry.
    pub pass: Option<Pass>,
}

/// The prescriptions are signed.
#[derive(Clone)]
pub struct Signing {
    pub proof: Proof,
    pub claims: Value,
    pub at: i64,
}

#[derive(Default)]
struct Browser {
    /// With the time at which each was begun.
    requests: Vec<(Request, i64)>,
    session: Option<Session>,
    /// The `state` of a logout under way.
    farewell: Option<CsrfToken>,
    seen: i64,
}

#[derive(Default)]
pub struct Browsers(Mutex<HashMap<String, Browser>>);

impl Browsers {
    /// Keeps a request until it is answered. Returns the cookie's value, which is new if the browser was.
    pub fn remember(&self, cookie: Option<&str>, request: Request, now: i64) -> String {
        let mut all = self.lock(now);
        let cookie = cookie
            .filter(|known| all.contains_key(*known))
            .map_or_else(unguessable, str::to_owned);
        make_room(&mut all);
        let browser = all.entry(cookie.clone()).or_default();
        browser.seen = now;
        if browser.requests.len() >= MAX_REQUESTS {
            browser.requests.remove(0);
        }
        browser.requests.push((request, now));
        cookie
    }

    /// Hands out the request with this `state`, once, and only to the browser that began it.
    pub fn take(&self, cookie: Option<&str>, state: &str, now: i64) -> Option<Request> {
        let mut all = self.lock(now);
        let requests = &mut all.get_mut(cookie?)?.requests;
        let index = requests
            .iter()
            .position(|(request, _)| same(request.state.secret(), state))?;
        Some(requests.remove(index).0)
    }

    /// Begins a session under a new cookie, so that one planted earlier is worth nothing. Other tabs' requests
    /// come along.
    pub fn sign_in(&self, cookie: Option<&str>, session: Session, now: i64) -> String {
        let mut all = self.lock(now);
        let mut browser = cookie.and_then(|old| all.remove(old)).unwrap_or_default();
        make_room(&mut all);
        browser.session = Some(session);
        browser.farewell = None;
        browser.seen = now;
        let cookie = unguessable();
        all.insert(cookie.clone(), browser);
        cookie
    }

    pub fn session(&self, cookie: Option<&str>, now: i64) -> Option<Session> {
        let mut all = self.lock(now);
        let browser = all.get_mut(cookie?)?;
        browser.seen = now;
        browser.session.clone()
    }

    /// Marks the prescriptions of `signing.proof.sub` as signed. `false` if that person is no longer signed in.
    pub fn sign(&self, cookie: Option<&str>, signing: Signing, now: i64) -> bool {
        let mut all = self.lock(now);
        let session = cookie
            .and_then(|cookie| all.get_mut(cookie))
            .and_then(|browser| browser.session.as_mut());
        match session.filter(|session| session.sub.as_str() == signing.proof.sub) {
            Some(session) => {
                session.signing = Some(signing);
                true
            }
            None => false,
        }
    }

    /// Keeps a token for the registry. `false` if that person is no longer signed in.
    pub fn keep_pass(&self, cookie: Option<&str>, person: &str, pass: Pass, now: i64) -> bool {
        let mut all = self.lock(now);
        let session = cookie
            .and_then(|cookie| all.get_mut(cookie))
            .and_then(|browser| browser.session.as_mut());
        match session.filter(|session| session.sub.as_str() == person) {
            Some(session) => {
                session.pass = Some(pass);
                true
            }
            None => false,
        }
    }

    /// The registry has opened for it.
    pub fn used_pass(&self, cookie: Option<&str>, now: i64) {
        let mut all = self.lock(now);
        let session = cookie
            .and_then(|cookie| all.get_mut(cookie))
            .and_then(|browser| browser.session.as_mut());
        if let Some(pass) = session.and_then(|session| session.pass.as_mut()) {
            pass.used = true;
        }
    }

    /// Ends the session and forgets the browser; what is left is a new cookie that waits for the `state` of the
    /// provider's answer.
    pub fn sign_out(&self, cookie: Option<&str>, farewell: CsrfToken, now: i64) -> Option<(Session, String)> {
        let mut all = self.lock(now);
        let session = all.remove(cookie?)?.session?;
        let cookie = unguessable();
        all.insert(
            cookie.clone(),
            Browser {
                farewell: Some(farewell),
                seen: now,
                ..Browser::default()
            },
        );
        Some((session, cookie))
    }

    /// Whether this is the provider's answer to our logout. Once.
    pub fn farewell(&self, cookie: Option<&str>, state: &str, now: i64) -> bool {
        let mut all = self.lock(now);
        let browser = cookie.and_then(|cookie| all.get_mut(cookie));
        let expected = browser.and_then(|browser| browser.farewell.take());
        expected.is_some_and(|expected| same(expected.secret(), state))
    }

    /// Everything that has not expired.
    fn lock(&self, now: i64) -> MutexGuard<'_, HashMap<String, Browser>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, browser| {
            browser
                .requests
                .retain(|(_, begun)| now.saturating_sub(*begun) < REQUEST_LIFETIME_SECONDS);
            browser
                .session
                .take_if(|session| now.saturating_sub(session.since) >= SESSION_LIFETIME_SECONDS);
            browser
                .farewell
                .take_if(|_| now.saturating_sub(browser.seen) >= REQUEST_LIFETIME_SECONDS);
            browser.session.is_some() || browser.farewell.is_some() || !browser.requests.is_empty()
        });
        all
    }
}

fn make_room(all: &mut HashMap<String, Browser>) {
    if all.len() < MAX_BROWSERS {
        return;
    }
    let least = all
        .iter()
        .min_by_key(|(_, browser)| (browser.session.is_some(), browser.seen));
    if let Some(cookie) = least.map(|(cookie, _)| cookie.clone()) {
        all.remove(&cookie);
    }
}

/// Compares secrets in constant time.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

fn unguessable() -> String {
    CsrfToken::new_random_len(COOKIE_BYTES).into_secret()
}

#[cfg(test)]
mod tests {
    use super::{super::provider::Purpose, *};
    use openidconnect::{Nonce, PkceCodeChallenge};

    fn request(state: &str) -> Request {
        let (_, verifier) = PkceCodeChallenge::new_random_sha256();
        Request {
            state: CsrfToken::new(state.into()),
            nonce: Nonce::new_random(),
            verifier,
            purpose: Purpose::SignIn,
        }
    }

    #[test]
    fn a_request_is_handed_out_once_to_its_browser_within_ten_minutes() {
        let browsers = Browsers::default();
        let cookie = browsers.remember(None, request("a"), 0);
        assert_eq!(browsers.remember(Some(&cookie), request("b"), 0), cookie);
        let other = browsers.remember(Some("made up"), request("c"), 0);
        assert_ne!(other, "made up", "a cookie that we did not set is not adopted");

        assert!(browsers.take(Some(&other), "a", 1).is_none());
        assert!(browsers.take(None, "a", 1).is_none());
        assert!(browsers.take(Some(&cookie), "", 1).is_none());
        assert!(browsers.take(Some(&cookie), "a", 599).is_some());
        assert!(browsers.take(Some(&cookie), "a", 599).is_none());
        assert!(browsers.take(Some(&cookie), "b", 600).is_none());
        assert!(browsers.0.lock().unwrap().is_empty(), "what has expired is forgotten");
    }

    #[test]
    fn memory_is_bounded() {
        let browsers = Browsers::default();
        let cookie = browsers.remember(None, request("0"), 0);
        for tab in 1..=MAX_REQUESTS {
            browsers.remember(Some(&cookie), request(&tab.to_string()), 0);
        }
        assert!(browsers.take(Some(&cookie), "0", 0).is_none(), "the oldest went first");
        assert!(browsers.take(Some(&cookie), "1", 0).is_some());

        let mut all = HashMap::new();
        for n in 0..MAX_BROWSERS {
            all.insert(
                n.to_string(),
                Browser {
                    seen: n as i64,
                    ..Browser::default()
                },
            );
        }
        make_room(&mut all);
        assert!(all.len() < MAX_BROWSERS && !all.contains_key("0"));
    }
}

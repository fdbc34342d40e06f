//! A browser that fills in forms: cookies, redirects, and the pages answered as a person would.

use std::collections::BTreeMap;

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use url::Url;

use crate::harness::Op;
use crate::page::{Answer, Page};
use crate::relying_party::{Ask, Tokens};
use crate::workspace::{Persona, Second};

/// Redirects in a row.
const MOST_HOPS: usize = 10;
/// Pages of one sign-in.
const MOST_PAGES: usize = 12;

#[derive(Clone)]
pub struct Browser {
    pub op: Op,
    pub cookies: BTreeMap<String, String>,
    pub languages: &'static str,
}

impl Browser {
    pub fn new(op: &Op) -> Self {
        Self {
            op: op.clone(),
            cookies: BTreeMap::new(),
            languages: "en",
        }
    }

    pub async fn get(&mut self, url: &str) -> Page {
        self.go(Url::parse(url).unwrap(), None).await
    }

    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        let fields = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        self.go(Url::parse(url).unwrap(), Some(fields)).await
    }

    /// Sends the page's form with these fields in place of, or beside, its own.
    pub async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let form = page.form();
        let url = page.url.join(&form.action).unwrap();
        let mut all: Vec<(String, String)> = form.fields;
        all.retain(|(name, _)| fields.iter().all(|(n, _)| n != name));
        all.extend(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        self.go(url, Some(all)).await
    }

    pub async fn press(&mut self, page: &Page, name: &str, value: &str) -> Page {
        self.submit(page, &[(name, value)]).await
    }

    /// To the provider with a partner's request.
    pub async fn open(&mut self, ask: &Ask) -> Page {
        self.get(&ask.url(&self.op)).await
    }

    /// The same by a form of the partner's.
    pub async fn open_by_post(&mut self, ask: &Ask) -> Page {
        let fields: Vec<(&str, &str)> = ask.params.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let url = self.op.url("/authorize");
        self.post_from_elsewhere(&url, &fields).await
    }

    /// A form of another site's: cookies that are SameSite=Lax stay at home, and come with the redirect that follows.
    pub async fn post_from_elsewhere(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        let kept = std::mem::take(&mut self.cookies);
        let url = Url::parse(url).unwrap();
        let fields = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let (mut first, set) = self.send(&url, Some(&fields)).await;
        self.cookies.extend(kept);
        self.keep(&set);
        let Some(to) = first.headers.get(LOCATION) else {
            return first;
        };
        let to = url.join(to.to_str().unwrap()).unwrap();
        if to.origin().ascii_serialization() == self.op.issuer {
            return self.go(to, None).await;
        }
        (first.url, first.left) = (to, true);
        first
    }

    /// Opens a request and answers every page until the partner is reached, or a page complains.
    pub async fn through(&mut self, ask: &Ask, who: &Persona) -> Page {
        let page = self.open(ask).await;
        self.walk(page, who).await
    }

    /// The same, and the partner's answer.
    pub async fn sign_in(&mut self, ask: &Ask, who: &Persona) -> Answer {
        let answer = self.through(ask, who).await.answer();
        ask.check_answer(&self.op, &answer);
        answer
    }

    /// The same, and the tokens, verified.
    pub async fn tokens(&mut self, ask: &Ask, who: &Persona) -> Tokens {
        let answer = self.sign_in(ask, who).await;
        ask.redeem(&self.op, &answer).await
    }

    pub async fn walk(&mut self, mut page: Page, who: &Persona) -> Page {
        for _ in 0..MOST_PAGES {
            let known = matches!(
                page.id().as_str(),
                "sign-in"
                    | "verify-password"
                    | "choose-method"
                    | "choose-authenticator"
                    | "verify-totp"
                    | "verify-phone"
                    | "consent"
            ) || page.buttons("action").contains(&"skip".to_owned());
            if page.left || !known || !page.error().is_empty() {
                return page;
            }
            page = self.step(&page, who).await;
        }
        panic!("the pages lead nowhere: {} {}", page.url, page.text());
    }

    /// Answers pages until this one shows.
    pub async fn walk_to(&mut self, page: &Page, who: &Persona, wanted: &str) -> Page {
        let mut page = page.clone();
        for _ in 0..MOST_PAGES {
            if page.id() == wanted {
                return page;
            }
            page = self.step(&page, who).await;
        }
        panic!("{wanted} does not show");
    }

    /// Confirms that the session shall end, if a page asks.
    pub async fn walk_logout(&mut self, page: Page) -> Page {
        if page.buttons("action").iter().any(|a| a == "logout") {
            return self.press(&page, "action", "logout").await;
        }
        page
    }

    /// From a page that complains: the same once more, rightly, and on.
    pub async fn walk_on(&mut self, page: &Page, who: &Persona) -> Page {
        let page = self.step(page, who).await;
        self.walk(page, who).await
    }

    /// Answers one page as this person does.
    pub async fn step(&mut self, page: &Page, who: &Persona) -> Page {
        match page.id().as_str() {
            "sign-in" => {
                let fields = [("username", who.username), ("password", who.password)];
                self.submit(page, &fields).await
            }
            "verify-password" => self.submit(page, &[("password", who.password)]).await,
            "choose-method" => {
                let method = match who.second {
                    Second::Nothing => panic!("{} has no second factor: {}", who.username, page.text()),
                    Second::Totp(_) => "totp",
                    Second::Sms(_) => "sms",
                    Second::Voice(_) => "voice",
                };
                assert!(
                    page.buttons("method").iter().any(|m| m == method),
                    "{method} is not offered: {}",
                    page.text()
                );
                self.press(page, "method", method).await
            }
            "choose-authenticator" => {
                let name = match who.second {
                    Second::Totp(device) => device.nickname,
                    _ => "",
                };
                let id = page
                    .button_with("authenticator", name)
                    .unwrap_or_else(|| panic!("no {name}: {}", page.text()));
                self.press(page, "authenticator", &id).await
            }
            "verify-totp" | "verify-phone" => {
                let code = self.code(who).await;
                self.submit(page, &[("code", &code)]).await
            }
            "consent" => self.press(page, "action", "allow").await,
            "enrol" => self.press(page, "action", "skip").await,
            other => panic!("an unexpected page: {other}"),
        }
    }

    async fn code(&self, who: &Persona) -> String {
        match who.second {
            Second::Nothing => panic!("{} has no second factor", who.username),
            Second::Totp(device) => self.op.totp(device).await,
            Second::Sms(number) | Second::Voice(number) => self.op.last_code(number).await,
        }
    }

    async fn go(&mut self, mut url: Url, mut form: Option<Vec<(String, String)>>) -> Page {
        let mut cookies_set = Vec::new();
        for _ in 0..MOST_HOPS {
            let (mut page, set) = self.send(&url, form.take().as_ref()).await;
            self.keep(&set);
            cookies_set.extend(set);
            let Some(location) = page.headers.get(LOCATION) else {
                page.cookies_set = cookies_set;
                return page;
            };
            // RFC 9700 §4.12: never a redirect that repeats the form.
            assert!(
                matches!(page.status, 302 | 303),
                "a redirect with status {}",
                page.status
            );
            url = url.join(location.to_str().unwrap()).unwrap();
            if url.origin().ascii_serialization() != self.op.issuer {
                page.url = url;
                page.left = true;
                page.cookies_set = cookies_set;
                self.note_answer(&page);
                return page;
            }
        }
        panic!("too many redirects at {url}");
    }

    fn note_answer(&self, page: &Page) {
        for (name, value) in page.answer().params {
            match name.as_str() {
                "code" => self.op.secret("an authorization code", &value),
                "id_token" => self.op.secret("an ID token", &value),
                _ => {}
            }
        }
    }

    async fn send(&self, url: &Url, form: Option<&Vec<(String, String)>>) -> (Page, Vec<String>) {
        let request = match form {
            Some(fields) => self.op.http.post(url.clone()).form(fields),
            None => self.op.http.get(url.clone()),
        };
        let jar: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let request = request
            .header(ACCEPT, "text/html")
            .header(ACCEPT_LANGUAGE, self.languages);
        let request = if jar.is_empty() {
            request
        } else {
            request.header(COOKIE, jar.join("; "))
        };
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        assert!(status < 500, "{url}: {status}");
        let page = Page {
            url: url.clone(),
            status,
            headers: headers.clone(),
            html: response.text().await.unwrap(),
            cookies_set: Vec::new(),
            left: false,
        };
        (page, cookie_lines(&headers))
    }

    fn keep(&mut self, lines: &[String]) {
        for line in lines {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            if value.len() > 8 {
                self.op.secret("a cookie", value);
            }
        }
    }
}

fn cookie_lines(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(SET_COOKIE).iter();
    lines.map(|v| v.to_str().unwrap().to_owned()).collect()
}

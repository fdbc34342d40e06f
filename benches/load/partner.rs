//! A partner and its people: one lane is one connection that does one thing after the other.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::Arc;

use base64::Engine as _;
use serde::Deserialize;

use crate::Result;
use crate::http::{Connection, Reply};

const CLIENT: &str = "bench";
const SECRET: &str = "a-secret-of-the-load-run-and-of-nothing-else";
const PASSWORD: &str = "correct horse battery staple";
const CALLBACK: &str = "http://localhost:9/callback";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// One confidential client that needs no consent, and people with a password and a group.
pub fn workspace(people: usize) -> String {
    let mut text = format!(
        "[[policies]]\nname = \"no-telephone\"\ndeny_methods = [\"sms\", \"voice\"]\n\
         [[groups]]\nname = \"prescribers\"\npolicies = [\"no-telephone\"]\n\
         [[clients]]\nclient_id = \"{CLIENT}\"\nclient_secret = \"{SECRET}\"\nredirect_uris = [\"{CALLBACK}\"]\n\
         grant_types = [\"authorization_code\", \"refresh_token\"]\nscope = \"openid profile email offline_access\"\n\
         consent = \"implicit\"\nauthorization_code_lifetime = 600\n"
    );
    for n in 0..people {
        let _ = write!(
            text,
            "[[users]]\nusername = \"person{n}\"\nemail = \"person{n}@bench.example\"\npassword = \"{PASSWORD}\"\n\
             name = \"Person {n}\"\ngiven_name = \"Person\"\nfamily_name = \"{n}\"\ngroups = [\"prescribers\"]\n"
        );
    }
    text
}

/// The parts of requests that do not change.
pub struct Site {
    port: u16,
    authorize: String,
    token: String,
}

impl Site {
    pub fn new(port: u16) -> Arc<Self> {
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT}:{SECRET}"));
        let callback = "http%3A%2F%2Flocalhost%3A9%2Fcallback";
        Arc::new(Self {
            port,
            authorize: format!(
                "GET /authorize?response_type=code&client_id={CLIENT}&redirect_uri={callback}\
                 &scope=openid%20profile%20email%20offline_access&state=a-state-of-some-length&nonce=a-nonce-of-some-length\
                 &code_challenge={CHALLENGE}&code_challenge_method=S256 HTTP/1.1\r\nHost: localhost:{port}\r\n"
            ),
            token: format!(
                "POST /token HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Basic {basic}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n"
            ),
        })
    }
}

pub struct Lane {
    site: Arc<Site>,
    connection: Connection,
    person: usize,
    /// The session's cookie.
    pub session: String,
    codes: Vec<String>,
    /// Each used in turn, the newest last.
    refresh: VecDeque<String>,
    access: String,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    refresh_token: Option<String>,
}

impl Lane {
    pub async fn open(site: &Arc<Site>, person: usize) -> Result<Self> {
        Ok(Self {
            site: Arc::clone(site),
            connection: Connection::open(site.port).await?,
            person,
            session: String::new(),
            codes: Vec::new(),
            refresh: VecDeque::new(),
            access: String::new(),
        })
    }

    /// Single sign-on: a code without a page.
    pub async fn authorize(&mut self) -> Result<bool> {
        let request = format!("{}Cookie: countersign={}\r\n\r\n", self.site.authorize, self.session);
        let reply = self.connection.ask(&request).await?.expect(303)?;
        self.codes.push(code(&reply)?);
        Ok(true)
    }

    pub async fn exchange(&mut self) -> Result<bool> {
        let Some(code) = self.codes.pop() else {
            return Ok(false);
        };
        let body = format!(
            "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}\
             &redirect_uri=http%3A%2F%2Flocalhost%3A9%2Fcallback"
        );
        self.token(&body).await
    }

    pub async fn refresh(&mut self) -> Result<bool> {
        let Some(token) = self.refresh.pop_front() else {
            return Ok(false);
        };
        self.token(&format!("grant_type=refresh_token&refresh_token={token}"))
            .await
    }

    async fn token(&mut self, body: &str) -> Result<bool> {
        let request = format!("{}Content-Length: {}\r\n\r\n{body}", self.site.token, body.len());
        let reply = self.connection.ask(&request).await?.expect(200)?;
        let tokens: Tokens = serde_json::from_str(&reply.body)?;
        self.access = tokens.access_token;
        self.refresh.extend(tokens.refresh_token);
        Ok(true)
    }

    pub async fn userinfo(&mut self) -> Result<bool> {
        let request = format!(
            "GET /userinfo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
            self.access
        );
        self.connection.ask(&request).await?.expect(200)?;
        Ok(true)
    }

    /// As a new browser: the request, the page, the form with name and password; ends with a code and a session.
    pub async fn sign_in(&mut self) -> Result<bool> {
        let request = format!("{}\r\n", self.site.authorize);
        let begun = self.connection.ask(&request).await?.expect(303)?;
        let path = begun.header("location").ok_or("no location")?;
        let browser = begun.cookie("countersign-browser").ok_or("no browser cookie")?;
        let cookie = format!("Cookie: countersign-browser={browser}\r\n");
        let page = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{cookie}\r\n");
        let page = self.connection.ask(&page).await?.expect(200)?;
        let csrf = csrf(&page.body).ok_or("no anti-forgery value")?;
        let password = PASSWORD.replace(' ', "+");
        let body = format!("csrf={csrf}&username=person{}&password={password}", self.person);
        let form = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\n{cookie}Content-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let reply = self.connection.ask(&form).await?.expect(303)?;
        code(&reply)?;
        self.session = reply.cookie("countersign").ok_or("no session cookie")?;
        Ok(true)
    }
}

fn code(reply: &Reply) -> Result<String> {
    let location = reply.header("location").unwrap_or_default();
    let query = location.split_once('?').map_or("", |(_, query)| query);
    let code = query.split('&').find_map(|pair| pair.strip_prefix("code="));
    Ok(code
        .ok_or_else(|| format!("no code in {location}, {}", reply.body))?
        .to_owned())
}

fn csrf(html: &str) -> Option<&str> {
    let (_, rest) = html.split_once("name=\"csrf\"")?;
    let (_, value) = rest.split_once("value=\"")?;
    value.split('"').next()
}

//! Somebody with a phone, who signs in with a password and approves.

use std::fmt::Write;
use std::time::{Duration, Instant};

use countersign::cli::authenticator::client::Means;
use countersign::cli::authenticator::link::Link;
use countersign::cli::authenticator::message::Unlock;
use countersign::cli::authenticator::phone::Phone;

use crate::Result;
use crate::crowd::Waiting;
use crate::http::{Connection, Reply};

const PASSWORD: &str = "correct horse battery staple";
/// What a browser sends beside what is asked of it.
pub const AGENT: &str = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36\r\n\
    sec-ch-ua: \"Chromium\";v=\"139\", \"Not;A=Brand\";v=\"99\"\r\nsec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: \"Linux\"\r\n\
    Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nAccept-Language: en-US,en;q=0.9\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\nCache-Control: no-cache\r\n";

/// People with a password, and a partner that asks for two factors and lets them pair a phone on the way.
pub fn workspace(people: usize, port: u16) -> String {
    let mut text = format!(
        "[workspace]\nmethods = [\"password\", \"push\"]\n[[pools]]\nname = \"default\"\nfirst_factor = [\"password\"]\n\
         second_factor = [\"push\"]\n[[policies]]\nname = \"two\"\nrequired_acr = \"urn:countersign:acr:mfa\"\n\
         allow_enrolment = true\n[[clients]]\nclient_id = \"bench\"\n\
         client_secret = \"a-secret-of-this-run-and-of-nothing-else\"\nconsent = \"implicit\"\npolicies = [\"two\"]\n\
         redirect_uris = [\"http://localhost:{port}/healthz\"]\n"
    );
    for n in 0..people {
        let _ = write!(
            text,
            "[[users]]\nusername = \"person{n}\"\nemail = \"person{n}@bench.example\"\npassword = \"{PASSWORD}\"\n"
        );
    }
    text
}

pub fn authorize(port: u16) -> String {
    format!(
        "GET /authorize?response_type=code&client_id=bench&scope=openid&state=a-state-of-some-length\
         &redirect_uri=http%3A%2F%2Flocalhost%3A{port}%2Fhealthz HTTP/1.1\r\nHost: localhost:{port}\r\n{AGENT}\r\n"
    )
}

pub struct Person {
    port: u16,
    name: String,
    phone: Phone,
}

/// One sign-in in a new browser.
struct Visit {
    port: u16,
    connection: Connection,
    cookies: Vec<(&'static str, String)>,
    /// Of the sign-in.
    home: String,
    /// Of the page that is shown.
    path: String,
    page: String,
}

impl Visit {
    /// The name and the password have been given.
    async fn of(port: u16, name: &str) -> Result<Self> {
        let mut connection = Connection::open(port).await?;
        let begun = connection.ask(&authorize(port)).await?.expect(303)?;
        let home = begun.header("location").ok_or("no location")?.to_owned();
        let mut visit = Self {
            port,
            connection,
            cookies: Vec::new(),
            path: home.clone(),
            home,
            page: String::new(),
        };
        visit.keep(&begun);
        visit.look().await?;
        let password = PASSWORD.replace(' ', "+");
        visit.send(&format!("username={name}&password={password}")).await?;
        Ok(visit)
    }

    fn keep(&mut self, reply: &Reply) {
        for name in ["countersign-browser", "countersign"] {
            if let Some(value) = reply.cookie(name) {
                self.cookies.retain(|(known, _)| *known != name);
                self.cookies.push((name, value));
            }
        }
    }

    fn cookie(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        pairs.join("; ")
    }

    /// Reads the page, wherever it leads.
    async fn look(&mut self) -> Result<()> {
        self.go("GET", "").await
    }

    async fn send(&mut self, fields: &str) -> Result<()> {
        let csrf = between(&self.page, "name=\"csrf\" value=\"", "\"")?;
        let body = format!("csrf={csrf}&{fields}");
        let action = between(&self.page, "<form class=\"stack\" method=\"post\" action=\"", "\"")?;
        self.path = action.replace("&amp;", "&").replace("&#x3D;", "=");
        self.go("POST", &body).await
    }

    async fn go(&mut self, mut method: &str, mut body: &str) -> Result<()> {
        loop {
            let form = if body.is_empty() {
                String::new()
            } else {
                format!(
                    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                    body.len()
                )
            };
            let request = format!(
                "{method} {} HTTP/1.1\r\nHost: localhost:{}\r\n{AGENT}{form}Cookie: {}\r\n\r\n{body}",
                self.path,
                self.port,
                self.cookie()
            );
            let reply = self.connection.ask(&request).await?;
            self.keep(&reply);
            if reply.status != 303 {
                self.page = reply.expect(200)?.body;
                return Ok(());
            }
            let to = reply.header("location").ok_or("no location")?;
            let own = format!("http://localhost:{}", self.port);
            self.path = to.strip_prefix(&own).unwrap_or(to).to_owned();
            (method, body) = ("GET", "");
        }
    }

    fn number(&self) -> Result<&str> {
        between(&self.page, "aria-describedby=\"number-lead\">", "<")
    }
}

impl Person {
    pub async fn with_a_phone(port: u16, n: usize) -> Result<Self> {
        let name = format!("person{n}");
        let mut visit = Visit::of(port, &name).await?;
        visit.send("method=push").await?;
        visit.send("action=reveal").await?;
        let link = between(&visit.page, "data-pairing-link=\"", "\"")?.replace("&#x3D;", "=");
        let begun = Phone::pair(&Link::parse(&link, None)?, "Phone", Means::of_the_system()).await?;
        visit.look().await?;
        let asked = begun.phone.open(&begun.request).await?;
        begun.phone.approve(&asked, Some(visit.number()?), Unlock::None).await?;
        visit.look().await?;
        between(&visit.page, "data-nickname>", "<")?;
        Ok(Self {
            port,
            name,
            phone: begun.phone,
        })
    }

    /// How long it took from the phone's answer until the page was told.
    pub async fn signs_in(&self) -> Result<Duration> {
        let mut visit = Visit::of(self.port, &self.name).await?;
        let mut page = Waiting::open(self.port, &visit.home, &visit.cookie()).await?;
        let asked = self.phone.open_only().await?;
        let begin = Instant::now();
        let told = async {
            page.hears(".approved").await?;
            Ok::<_, crate::Problem>(begin.elapsed())
        };
        let answered = async { Ok(self.phone.approve(&asked, Some(visit.number()?), Unlock::None).await?) };
        let (took, _) = tokio::try_join!(told, answered)?;
        visit.look().await?;
        if !visit.path.starts_with("/healthz") {
            return Err(format!("the sign-in did not end: {}", visit.page).into());
        }
        Ok(took)
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Result<&'a str> {
    let found = text.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    Ok(found.ok_or_else(|| format!("no {before} in {text}"))?.0)
}

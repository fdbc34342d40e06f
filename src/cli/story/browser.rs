//! As much of a browser as the story needs: cookies by host and port, redirects, forms.

use std::collections::BTreeMap;

use reqwest::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use url::Url;

use crate::cli::Failure;

/// Redirects in a row.
const MOST_HOPS: usize = 20;

pub struct Browser {
    http: reqwest::Client,
    /// By origin, then by name.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// What is on the screen.
#[derive(Clone, Debug)]
pub struct Screen {
    pub url: String,
    pub status: u16,
    pub body: String,
}

impl Screen {
    pub fn page(&self) -> String {
        attribute(&self.body, "data-page").unwrap_or_default()
    }

    pub fn error(&self) -> String {
        attribute(&self.body, "data-error").unwrap_or_default()
    }

    /// The values of buttons of this name.
    pub fn choices(&self, name: &str) -> Vec<String> {
        let marker = format!("name=\"{name}\" value=\"");
        self.body
            .match_indices(&marker)
            .filter_map(|(at, m)| self.body[at + m.len()..].split('"').next())
            .map(str::to_owned)
            .collect()
    }

    /// The value of the first attribute of this name.
    pub fn marked(&self, name: &str) -> Option<String> {
        attribute(&self.body, name)
    }

    /// The text of the first element with this attribute; no element inside it.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!(" {name}"))?;
        rest.split_once('>')?.1.split('<').next()
    }

    /// The page's forms, each from its tag to its end.
    fn forms(&self) -> impl Iterator<Item = &str> {
        self.body
            .split("<form")
            .skip(1)
            .filter_map(|rest| rest.split("</form").next())
    }
}

/// Hidden fields of a form.
fn hidden(form: &str) -> Vec<(String, String)> {
    let inputs = form.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    inputs
        .filter(|tag| tag.contains("type=\"hidden\""))
        .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
        .collect()
}

fn attribute(html: &str, name: &str) -> Option<String> {
    let marker = format!("{name}=\"");
    let value = html.split(&marker).nth(1)?.split('"').next()?;
    Some(
        value
            .replace("&amp;", "&")
            .replace("&#x3D;", "=")
            .replace("&quot;", "\"")
            .replace("&#x27;", "'"),
    )
}

impl Browser {
    pub fn new() -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        Ok(Self {
            http: http.map_err(|e| Failure(e.to_string()))?,
            cookies: BTreeMap::new(),
        })
    }

    pub async fn get(&mut self, url: &str) -> Result<Screen, Failure> {
        self.go(parse(url)?, None).await
    }

    /// Sends the screen's first form with these fields beside its hidden ones.
    pub async fn submit(&mut self, screen: &Screen, fields: &[(&str, &str)]) -> Result<Screen, Failure> {
        let form = screen.forms().next();
        let form = form.ok_or_else(|| Failure(format!("no form on {}", screen.url)))?;
        self.send_form(screen, form, fields).await
    }

    /// Presses a button, in whichever form of the page it is.
    pub async fn press(&mut self, screen: &Screen, name: &str, value: &str) -> Result<Screen, Failure> {
        let button = format!("name=\"{name}\" value=\"{value}\"");
        let form = screen.forms().find(|form| form.contains(&button));
        let form = form.ok_or_else(|| Failure(format!("no button {name} {value} on {}", screen.url)))?;
        self.send_form(screen, form, &[(name, value)]).await
    }

    async fn send_form(&mut self, screen: &Screen, form: &str, fields: &[(&str, &str)]) -> Result<Screen, Failure> {
        let action = attribute(form, "action").unwrap_or_default();
        let url = parse(&screen.url)?.join(&action).map_err(|e| Failure(e.to_string()))?;
        let mut all = hidden(form);
        all.extend(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        self.go(url, Some(all)).await
    }

    async fn go(&mut self, mut url: Url, mut form: Option<Vec<(String, String)>>) -> Result<Screen, Failure> {
        for _ in 0..MOST_HOPS {
            let response = self.send(&url, form.take()).await?;
            self.keep_cookies(&url, &response);
            let location = response
                .headers()
                .get(LOCATION)
                .and_then(|v| v.to_str().ok())
                .map(str::to_owned);
            if let Some(location) = location.filter(|_| response.status().is_redirection()) {
                url = url.join(&location).map_err(|e| Failure(e.to_string()))?;
                continue;
            }
            let status = response.status().as_u16();
            let body = response.text().await.map_err(|e| Failure(e.to_string()))?;
            return Ok(Screen {
                url: url.to_string(),
                status,
                body,
            });
        }
        Err(Failure(format!("too many redirects at {url}")))
    }

    async fn send(&self, url: &Url, form: Option<Vec<(String, String)>>) -> Result<reqwest::Response, Failure> {
        let request = match form {
            Some(fields) => self.http.post(url.clone()).form(&fields),
            None => self.http.get(url.clone()),
        };
        let jar = self.cookies.get(&origin(url)).cloned().unwrap_or_default();
        let cookies: Vec<String> = jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let sent = request
            .header(COOKIE, cookies.join("; "))
            .header(ACCEPT, "text/html;q=0.5, application/json")
            .send()
            .await;
        sent.map_err(|e| Failure(format!("{url}: {e}")))
    }

    fn keep_cookies(&mut self, url: &Url, response: &reqwest::Response) {
        let jar = self.cookies.entry(origin(url)).or_default();
        for line in response
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|v| v.to_str().ok())
        {
            let pair = line.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                jar.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

fn parse(url: &str) -> Result<Url, Failure> {
    Url::parse(url).map_err(|e| Failure(format!("{url}: {e}")))
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

//! What a browser shows: one answer of the provider, read as HTML.

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;
use scraper::{Html, Selector};
use url::Url;

#[derive(Clone, Debug)]
pub struct Page {
    pub url: Url,
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
    /// Every Set-Cookie line on the way here.
    pub cookies_set: Vec<String>,
    /// The address is the partner's, who would now answer.
    pub left: bool,
}

/// The first form of a page.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Page {
    fn attributes(&self, selector: &str, attribute: &str) -> Vec<String> {
        let html = Html::parse_document(&self.html);
        let selector = Selector::parse(selector).unwrap();
        let found = html.select(&selector);
        found.filter_map(|e| e.attr(attribute).map(str::to_owned)).collect()
    }

    fn first(&self, selector: &str, attribute: &str) -> String {
        self.attributes(selector, attribute)
            .into_iter()
            .next()
            .unwrap_or_default()
    }

    /// Which page this is.
    pub fn id(&self) -> String {
        self.first("body", "data-page")
    }

    pub fn error(&self) -> String {
        self.first("[data-error]", "data-error")
    }

    pub fn reference(&self) -> String {
        self.first("[data-reference]", "data-reference")
    }

    pub fn language(&self) -> String {
        self.first("html", "lang")
    }

    /// The text of the first element that fits, without its markup.
    pub fn text_of(&self, selector: &str) -> String {
        let html = Html::parse_document(&self.html);
        let selector = Selector::parse(selector).unwrap();
        let found = html.select(&selector).next();
        found.map_or_else(String::new, |e| {
            e.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
        })
    }

    /// The texts of all elements that fit.
    pub fn texts_of(&self, selector: &str) -> Vec<String> {
        let html = Html::parse_document(&self.html);
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector).map(|e| e.text().collect()).collect()
    }

    /// Where the first link that fits leads.
    pub fn link(&self, selector: &str) -> String {
        self.first(selector, "href")
    }

    /// The names of what is set up, as "Sign in & Security" lists them.
    pub fn nicknames(&self) -> Vec<String> {
        self.texts_of(".method [data-nickname]")
    }

    /// The values of the buttons of this name.
    pub fn buttons(&self, name: &str) -> Vec<String> {
        self.attributes(&format!("button[name='{name}']"), "value")
    }

    /// The value of the button of this name whose text holds `text`.
    pub fn button_with(&self, name: &str, text: &str) -> Option<String> {
        let html = Html::parse_document(&self.html);
        let selector = Selector::parse(&format!("button[name='{name}']")).unwrap();
        let found = html
            .select(&selector)
            .find(|b| b.text().collect::<String>().contains(text))?;
        found.attr("value").map(str::to_owned)
    }

    /// The text of the first element that this selects.
    pub fn inner(&self, selector: &str) -> String {
        let html = Html::parse_document(&self.html);
        let selector = Selector::parse(selector).unwrap();
        let found = html.select(&selector).next();
        found.map(|e| e.text().collect()).unwrap_or_default()
    }

    /// The address of the first link whose own address begins so.
    pub fn link_to(&self, start: &str) -> String {
        self.first(&format!("a[href^='{start}']"), "href")
    }

    /// Where the first picture that fits comes from.
    pub fn image(&self, selector: &str) -> String {
        self.first(selector, "src")
    }

    /// Methods that the chooser says are refused.
    pub fn refused(&self) -> Vec<String> {
        self.attributes("[data-refused]", "data-refused")
    }

    pub fn input(&self, name: &str, attribute: &str) -> String {
        self.first(&format!("input[name='{name}']"), attribute)
    }

    /// All text of the page, without its markup.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.html);
        let text: Vec<&str> = html.root_element().text().flat_map(str::split_whitespace).collect();
        text.join(" ")
    }

    pub fn form(&self) -> Form {
        let html = Html::parse_document(&self.html);
        let selector = Selector::parse("form").unwrap();
        let form = html.select(&selector).next();
        let form = form.unwrap_or_else(|| panic!("no form on {} ({}): {}", self.url, self.status, self.text()));
        let inputs = Selector::parse("input[name]").unwrap();
        let inputs = form.select(&inputs).map(|input| {
            let value = input.attr("value").unwrap_or_default();
            (input.attr("name").unwrap().to_owned(), value.to_owned())
        });
        Form {
            action: form.attr("action").unwrap_or_default().to_owned(),
            fields: inputs.collect(),
        }
    }

    pub fn csrf(&self) -> String {
        self.input("csrf", "value")
    }

    pub fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map(|v| v.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }

    /// The answer to the partner, however it travels. Not a page of ours any more.
    pub fn answer(&self) -> Answer {
        let params: BTreeMap<String, String> = if self.id() == "form-post" {
            self.form().fields.into_iter().collect()
        } else {
            assert!(
                self.left,
                "not at the partner but at {}: {} {}",
                self.url,
                self.id(),
                self.text()
            );
            let raw = self.url.fragment().or(self.url.query()).unwrap_or_default();
            url::form_urlencoded::parse(raw.as_bytes()).into_owned().collect()
        };
        Answer { params }
    }
}

/// What a partner gets at its redirect_uri.
#[derive(Clone, Debug)]
pub struct Answer {
    pub params: BTreeMap<String, String>,
}

impl Answer {
    pub fn get(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    pub fn code(&self) -> &str {
        let code = self.get("code");
        assert!(!code.is_empty(), "no code: {:?}", self.params);
        code
    }

    pub fn error(&self) -> &str {
        self.get("error")
    }
}

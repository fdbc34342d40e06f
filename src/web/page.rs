//! From a typed page to HTML: what stands around every page, and the check at start-up that every
//! template renders. Knows nothing of requests; what a page says is in `pages`, its words are in `locales/`.

use std::collections::BTreeMap;
use std::path::Path;

use fluent_bundle::FluentArgs;
use handlebars::RenderError;
use serde::{Serialize, Serializer};
use url::Url;

use super::locale::Locale;
use super::pages::{self, Trouble, Visit};
use super::templates::Engine;
pub use super::templates::Error;

/// One hosted page. The struct holds what the template shows; the samples are its contract with the template.
pub trait Page: Serialize {
    /// The `data-page` of the body: fixed, tests and partners find pages by it.
    const ID: &'static str;
    /// Path below `templates/`, without `.hbs`.
    const TEMPLATE: &'static str;
    /// One of each kind that the template tells apart.
    fn samples() -> Vec<Self>
    where
        Self: Sized;
}

/// What stands around every page.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    pub locale: Locale,
    /// The name of the workspace: the wordmark.
    pub workspace: String,
    /// The official host, shown so that a false site stands out.
    pub host: String,
    /// The path of the issuer without a slash at the end; mostly empty.
    pub base: String,
    /// The path of this page for GET: the language links lead here.
    pub here: String,
    /// Where the forms post to.
    pub action: String,
    pub csrf: String,
    /// The client that sent the person here, where it is known.
    pub partner: Option<PartnerView>,
    /// The account that is signing in or signed in, once it may be shown.
    pub signed_in_as: Option<String>,
    /// What the person can tell support; goes with every trouble.
    pub reference: Option<String>,
    /// Why the form was refused, or what the error page is about.
    pub trouble: Option<Trouble>,
    /// Seconds after which the page is to be loaded again where no script does better.
    pub refresh: Option<u32>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct PartnerView {
    pub name: String,
    /// An address of ours, see `web::logo`.
    pub logo: Option<String>,
    #[serde(serialize_with = "web_only")]
    pub policy_uri: Option<Url>,
    #[serde(serialize_with = "web_only")]
    pub tos_uri: Option<Url>,
    /// It registered itself, and nobody here knows it.
    pub registered: bool,
}

/// A client registers its own links; a `javascript:` one must never become a link on our page.
pub(super) fn web_only<S: Serializer>(url: &Option<Url>, s: S) -> Result<S::Ok, S::Error> {
    let web = url.as_ref().filter(|u| matches!(u.scheme(), "https" | "http"));
    web.map(Url::as_str).serialize(s)
}

/// The pages, ready to be drawn.
pub struct Pages {
    engine: Engine,
}

impl Pages {
    /// What does not render with the samples is refused here, not when a doctor wants to sign in.
    pub fn new(override_dir: Option<&Path>) -> Result<Self, Error> {
        let engine = Engine::load(override_dir)?;
        let pages = Self { engine };
        if override_dir.is_some() {
            pages.check()?;
        }
        Ok(pages)
    }

    /// The page as HTML. A template that fails has passed the check of its samples, so this is our mistake: it is
    /// logged, and the person sees a plain page with the reference.
    pub fn render<P: Page>(&self, frame: &Frame, page: &P) -> String {
        self.try_render(frame, page).unwrap_or_else(|fault| {
            tracing::error!(page = P::ID, reference = frame.reference, %fault, "page does not render");
            last_resort(frame)
        })
    }

    /// A browser and its system in the reader's language.
    pub fn browser(&self, locale: Locale, user_agent: &str) -> String {
        super::user_agent::words(&self.engine.texts, locale, user_agent)
    }

    /// Words outside a page, for instance of a message.
    pub fn text(&self, locale: Locale, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        self.engine.texts.get(locale, key, args)
    }

    /// The words of the phone app.
    pub fn app_words(&self, locale: Locale) -> BTreeMap<&'static str, String> {
        self.engine.texts.app(locale)
    }

    fn try_render<P: Page>(&self, frame: &Frame, page: &P) -> Result<String, RenderError> {
        let known = frame.partner.as_ref().map(|p| p.name.clone());
        let unnamed = || {
            self.engine
                .texts
                .get(frame.locale, "this-application", &FluentArgs::new())
                .unwrap_or_default()
        };
        let view = View {
            id: P::ID,
            frame,
            page,
            partner_name: known.clone().unwrap_or_else(unnamed),
            partner_known: known,
            languages: languages(frame),
        };
        self.engine.registry.render(P::TEMPLATE, &view)
    }

    fn check(&self) -> Result<(), Error> {
        let mut check = Check {
            pages: self,
            outcome: Ok(()),
        };
        pages::each(&mut check);
        check.outcome
    }
}

/// What a template sees.
#[derive(Serialize)]
struct View<'a, P> {
    id: &'static str,
    frame: &'a Frame,
    page: &'a P,
    /// The partner's name, or words that stand for it.
    partner_name: String,
    partner_known: Option<String>,
    languages: Vec<Language>,
}

#[derive(Serialize)]
struct Language {
    code: &'static str,
    name: &'static str,
    href: String,
    current: bool,
}

fn languages(frame: &Frame) -> Vec<Language> {
    let separator = if frame.here.contains('?') { '&' } else { '?' };
    let link = |locale: Locale| Language {
        code: locale.as_str(),
        name: locale.own_name(),
        href: format!("{}{separator}ui_locales={}", frame.here, locale.as_str()),
        current: locale == frame.locale,
    };
    Locale::ALL.into_iter().map(link).collect()
}

/// Needs no template and no style.
fn last_resort(frame: &Frame) -> String {
    let reference = handlebars::html_escape(frame.reference.as_deref().unwrap_or("-"));
    format!(
        "<!doctype html><html lang=\"en\"><title>Something broke on our side</title><body data-page=\"error\">\
         <h1>Something broke on our side</h1><p role=\"alert\" data-error=\"server_error\">server_error</p>\
         <p>Try again. If it happens again, give this reference to support: \
         <span data-reference=\"{reference}\">{reference}</span></p></body></html>"
    )
}

/// Renders every sample of every page, until one fails.
struct Check<'a> {
    pages: &'a Pages,
    outcome: Result<(), Error>,
}

impl Visit for Check<'_> {
    fn page<P: Page>(&mut self) {
        for (frame, page) in Frame::samples()
            .iter()
            .flat_map(|f| P::samples().into_iter().map(move |p| (f, p)))
        {
            if self.outcome.is_ok() {
                let rendered = self.pages.try_render(frame, &page).map(drop);
                self.outcome = rendered.map_err(|e| self.pages.engine.name(P::TEMPLATE, &e));
            }
        }
    }
}

impl Frame {
    /// Bare and full, in every language.
    pub fn samples() -> Vec<Self> {
        let bare = |locale| Self {
            locale,
            workspace: "Cedar Health ID".to_owned(),
            host: "id.example.org".to_owned(),
            base: String::new(),
            here: "/sign-in/5yqkQ0aTz2".to_owned(),
            action: "/sign-in/5yqkQ0aTz2".to_owned(),
            csrf: "rw1cV0yq3lT6dM".to_owned(),
            partner: None,
            signed_in_as: None,
            reference: None,
            trouble: None,
            refresh: None,
        };
        let full = |locale| Self {
            partner: Some(PartnerView {
                name: "Cedar Clinic EHR".to_owned(),
                logo: Some("/partner-logo?client=ehr&v=5yqkQ0aTz2".to_owned()),
                policy_uri: Url::parse("https://cedar.example/privacy").ok(),
                tos_uri: Url::parse("https://cedar.example/terms").ok(),
                registered: true,
            }),
            signed_in_as: Some("rivera".to_owned()),
            ..bare(locale)
        };
        let troubled = |locale| Self {
            reference: Some("7KQ2-M9XD".to_owned()),
            trouble: Some(Trouble::new("MFA-110").tries_left(4)),
            ..full(locale)
        };
        let kinds = |locale| [bare(locale), full(locale), troubled(locale)];
        Locale::ALL.into_iter().flat_map(kinds).collect()
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;

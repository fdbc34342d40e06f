//! Forms of the sign-in pages, as they come: checked for the browser's own anti-forgery value first.

use actix_web::HttpRequest;

use crate::base::{AuthorizationId, Secret};
use crate::factors::Answer;
use crate::journey::Visitor;
use crate::journey::ceremony::Given;
use crate::journey::interaction::Choice;
use crate::journey::next::Wish;
use crate::policy::Method;
use crate::protocol::errors::OAuthError;
use crate::protocol::params::Params;
use crate::web::browser;
use crate::web::fault::{PageFault, stale_form};
use crate::web::site::Web;

pub struct Form {
    pub id: AuthorizationId,
    pub visitor: Visitor,
    params: Params,
}

impl Form {
    pub fn read(request: &HttpRequest, web: &Web, id: String, body: &[u8]) -> Result<Self, PageFault> {
        let params = Params::parse(body).map_err(OAuthError::from)?;
        let visitor = browser::visitor(request, web);
        let given = params.single("csrf").ok().flatten();
        if !browser::csrf_fits(&web.op, visitor.browser.as_deref(), &id, given) {
            return Err(stale_form());
        }
        Ok(Self {
            id: AuthorizationId::new(id),
            visitor,
            params,
        })
    }

    /// A field that is there once; a doubled one counts as absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.params.single(name).ok().flatten()
    }

    pub fn secret(&self, name: &str) -> Option<Secret<String>> {
        self.text(name).map(Secret::from)
    }

    /// An answer: a code, or what a key has said, with what the page kept for it.
    pub fn given(&self) -> Option<Given> {
        if let Some(said) = self.text("credential").filter(|c| !c.is_empty()) {
            return Some(Given {
                answer: Answer::Key(said.to_owned()),
                kept: self.text("kept").map(str::to_owned),
                remember: self.remember(),
            });
        }
        Some(Given {
            answer: Answer::Code(self.secret("code")?),
            kept: None,
            remember: self.remember(),
        })
    }

    fn remember(&self) -> bool {
        self.text("remember") == Some("yes")
    }

    pub fn action(&self) -> Option<&str> {
        self.text("action")
    }

    pub fn method(&self) -> Option<Method> {
        self.text("method").and_then(|m| m.parse().ok())
    }

    pub fn choice(&self) -> Option<Choice> {
        if let Some(id) = self.text("authenticator") {
            return Some(Choice::Authenticator(id.to_owned()));
        }
        self.method().map(Choice::Method)
    }
}

/// `?choose=1`, `?method=totp`.
pub fn wish(query: &str) -> Wish {
    let Ok(params) = Params::parse(query.as_bytes()) else {
        return Wish::None;
    };
    if let Some(method) = params.single("method").ok().flatten().and_then(|m| m.parse().ok()) {
        return Wish::Method(method);
    }
    if params.has("choose") { Wish::Choose } else { Wish::None }
}

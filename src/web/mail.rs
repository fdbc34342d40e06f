//! Letters in words: a `Letter` and a language become subject, text, HTML and a text message.
//!
//! The words are in `locales/` (`letter-KEY-…`), the looks in `templates/mail/`: one pair for all letters. What people
//! chose themselves (nicknames, addresses) is cut short and kept to one line before it goes into a sentence: a letter
//! of ours must not carry somebody else's.

mod letters;
mod short;

use std::path::{Path, PathBuf};

use fluent_bundle::{FluentArgs, FluentValue};
use handlebars::{Handlebars, RenderError};
use serde::Serialize;

use super::locale::Locale;
use super::templates::{Engine, Error};
use super::user_agent;
use crate::factors::Site;
use crate::journey::notices::{Circumstances, Letter, Words, Written};

const HTML: &str = "mail/letter";
const TEXT: &str = "mail/letter-text";
/// Characters of a line of plain text (RFC 3676 §4.2 asks for 78 or fewer).
const LINE_CHARS: usize = 72;
/// Characters of a name that somebody chose: room for a name, not for a message to somebody else.
const LONGEST_NAME: usize = 64;
/// Characters of an e-mail address (RFC 5321 §4.5.3.1.3: 256 octets with its brackets).
const LONGEST_ADDRESS: usize = 254;

pub struct Mail {
    engine: Engine,
    /// The same templates, for plain text: nothing is escaped.
    plain: Handlebars<'static>,
}

/// Why a letter cannot be written.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("there are no words for \"{0}\"")]
    NoWords(String),
    #[error("{0}: {1}")]
    Template(&'static str, Box<RenderError>),
}

impl Mail {
    /// The built-in templates, and those of `override_dir` in their place. What does not render with the samples is
    /// refused here, not when somebody waits for a letter.
    pub fn new(override_dir: Option<&Path>) -> Result<Self, Error> {
        let engine = Engine::load(override_dir)?;
        let mut plain = engine.registry.clone();
        plain.register_escape_fn(handlebars::no_escape);
        let mail = Self { engine, plain };
        if override_dir.is_some() {
            mail.check()?;
        }
        Ok(mail)
    }

    /// Every letter in every language.
    fn check(&self) -> Result<(), Error> {
        let site = letters::sample_site();
        for locale in Locale::ALL {
            for letter in letters::samples() {
                self.try_write(locale, &site, &letter)
                    .map_err(|e| self.name(locale, &e))?;
            }
        }
        Ok(())
    }

    fn name(&self, locale: Locale, fault: &Fault) -> Error {
        match fault {
            Fault::Template(template, fault) => self.engine.name(template, fault),
            Fault::NoWords(_) => Error::Template {
                file: PathBuf::from(format!("locales/{}.ftl", locale.as_str())),
                line: None,
                reason: fault.to_string(),
            },
        }
    }

    fn try_write(&self, locale: Locale, site: &Site, letter: &Letter) -> Result<Written, Fault> {
        let args = self.arguments(locale, site, letter);
        let words = |part: &str| self.words(locale, &format!("letter-{}-{part}", letter.key), &args);
        let text = words("text")?;
        let link = letter.link.as_deref();
        let view = View {
            frame: FrameView {
                locale,
                workspace: one_line(&site.name, LONGEST_NAME),
                host: &site.host,
            },
            letter: LetterView {
                subject: one_line(&words("subject")?, usize::MAX),
                paragraphs: text.split("\n\n").map(|p| one_line(p, usize::MAX)).collect(),
                code: letter.code.as_deref(),
                link: link
                    .map(|href| words("link").map(|text| LinkView { href, text }))
                    .transpose()?,
                facts: letter.facts.as_ref().map_or_else(Vec::new, |f| self.facts(locale, f)),
                undo: letter.undo.as_deref(),
            },
        };
        let broken = |template| move |e| Fault::Template(template, Box::new(e));
        let html = self.engine.registry.render(HTML, &view).map_err(broken(HTML))?;
        let plain = self.plain.render(TEXT, &view).map_err(broken(TEXT))?;
        Ok(Written {
            short: self.short(locale, &view, letter)?,
            subject: view.letter.subject,
            text: wrapped(&plain),
            html,
        })
    }

    fn words(&self, locale: Locale, key: &str, args: &FluentArgs<'_>) -> Result<String, Fault> {
        let words = self.engine.texts.get(locale, key, args);
        words.ok_or_else(|| Fault::NoWords(key.to_owned()))
    }

    /// What fills the variables: every one that the letter's words may use, so that no sentence has a hole.
    fn arguments(&self, locale: Locale, site: &Site, letter: &Letter) -> FluentArgs<'static> {
        let mut args = FluentArgs::new();
        args.set("workspace", one_line(&site.name, LONGEST_NAME));
        args.set("code", letter.code.clone().unwrap_or_default());
        for name in letters::arguments_of(letter.key) {
            args.set(*name, "–");
        }
        for (name, value) in &letter.args {
            args.set(*name, self.argument(locale, name, value));
        }
        args
    }

    fn argument(&self, locale: Locale, name: &str, value: &str) -> FluentValue<'static> {
        match name {
            "method" => {
                let known = self
                    .engine
                    .texts
                    .get(locale, &format!("method-{value}"), &FluentArgs::new());
                FluentValue::from(known.unwrap_or_else(|| one_line(value, LONGEST_NAME)))
            }
            // A number selects its plural; what is none stays text.
            "left" => value
                .parse::<u32>()
                .map_or_else(|_| FluentValue::from(one_line(value, LONGEST_NAME)), FluentValue::from),
            "email" => FluentValue::from(one_line(value, LONGEST_ADDRESS)),
            "old" if value.contains('@') => FluentValue::from(one_line(value, LONGEST_ADDRESS)),
            _ => FluentValue::from(one_line(value, LONGEST_NAME)),
        }
    }

    fn facts(&self, locale: Locale, what: &Circumstances) -> Vec<Fact> {
        let texts = &self.engine.texts;
        let fact = |key: &str, value: String| Fact {
            name: texts.get(locale, key, &FluentArgs::new()).unwrap_or_default(),
            value,
        };
        let browser = what.browser.as_deref();
        let named = |value: &Option<String>| value.as_deref().map(|v| one_line(v, LONGEST_NAME));
        [
            Some(fact("letter-when", texts.moment(locale, what.at))),
            named(&what.place).map(|v| fact("letter-where", v)),
            browser.map(|ua| fact("letter-browser", user_agent::words(texts, locale, ua))),
            named(&what.partner).map(|v| fact("letter-partner", v)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The letter as a text message: who writes, what happened, and the link that is needed most.
    fn short(&self, locale: Locale, view: &View<'_>, letter: &Letter) -> Result<String, Fault> {
        let site = Site {
            name: short::cut(&view.frame.workspace),
            issuer: String::new(),
            host: String::new(),
        };
        let mut brief = letter.clone();
        // Names are cut; what has to be typed is not.
        let names = brief.args.iter_mut().filter(|(key, _)| **key != "digits");
        names.for_each(|(_, value)| *value = short::cut(value));
        let args = self.arguments(locale, &site, &brief);
        let said = self.words(locale, &format!("letter-{}-short", letter.key), &args)?;
        let mut text = format!("{}: {}", site.name, one_line(&said, usize::MAX));
        if let Some(link) = &letter.link {
            text = format!("{text} {link}");
        } else if let Some(undo) = &letter.undo {
            let ask = self.words(locale, "letter-undo-short", &FluentArgs::new())?;
            text = format!("{text} {ask} {undo}");
        }
        Ok(short::fold(&text))
    }
}

impl Words for Mail {
    fn write(&self, language: Option<&str>, site: &Site, letter: &Letter) -> Written {
        let locale = language.and_then(Locale::of_tag).unwrap_or_default();
        self.try_write(locale, site, letter).unwrap_or_else(|fault| {
            // The templates have passed the check of their samples, so this is our mistake. A code or a link is
            // waited for all the same.
            tracing::error!(letter = letter.key, %fault, "a letter cannot be written");
            last_resort(site, letter)
        })
    }

    fn browser(&self, language: Option<&str>, user_agent: &str) -> String {
        let locale = language.and_then(Locale::of_tag).unwrap_or_default();
        super::user_agent::words(&self.engine.texts, locale, user_agent)
    }
}

/// What the templates see.
#[derive(Serialize)]
struct View<'a> {
    frame: FrameView<'a>,
    letter: LetterView<'a>,
}

#[derive(Serialize)]
struct FrameView<'a> {
    locale: Locale,
    workspace: String,
    host: &'a str,
}

#[derive(Serialize)]
struct LetterView<'a> {
    subject: String,
    paragraphs: Vec<String>,
    code: Option<&'a str>,
    link: Option<LinkView<'a>>,
    facts: Vec<Fact>,
    undo: Option<&'a str>,
}

#[derive(Serialize)]
struct LinkView<'a> {
    href: &'a str,
    text: String,
}

#[derive(Serialize)]
struct Fact {
    name: String,
    value: String,
}

/// Needs no words and no template.
fn last_resort(site: &Site, letter: &Letter) -> Written {
    let parts = [&letter.code, &letter.link, &letter.undo];
    let rest: String = parts.into_iter().flatten().map(|part| format!("\n{part}")).collect();
    let text = format!("{}: {}{rest}\n{}\n", site.name, letter.key, site.host);
    Written {
        subject: one_line(&format!("{}: {}", site.name, letter.key), LONGEST_NAME),
        html: format!(
            "<!doctype html><html lang=\"en\"><title>Message</title><body><pre>{}</pre></body></html>",
            handlebars::html_escape(&text)
        ),
        short: text.trim_end().to_owned(),
        text,
    }
}

/// One line of at most `longest` characters; without characters that turn the direction of reading or cannot be seen,
/// behind which a name could pass for another (Unicode UTS #55, "bidirectional spoofing").
fn one_line(text: &str, longest: usize) -> String {
    let unseen = |c: &char| matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let spaced = text.chars().filter(|c| !unseen(c)).map(|c| {
        let breaks = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        if breaks { ' ' } else { c }
    });
    let spaced: String = spaced.collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= longest {
        return line;
    }
    line.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

/// Lines of `LINE_CHARS` at most, except for a word that is longer: a link stays whole. No two empty lines in a row.
fn wrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.lines() {
        if line.trim().is_empty() {
            if !out.is_empty() && !out.ends_with("\n\n") {
                out.push('\n');
            }
            continue;
        }
        let mut column = 0;
        for word in line.split_whitespace() {
            let width = word.chars().count();
            if column > 0 {
                let fits = column + 1 + width <= LINE_CHARS;
                out.push(if fits { ' ' } else { '\n' });
                column = if fits { column + 1 } else { 0 };
            }
            out.push_str(word);
            column += width;
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;

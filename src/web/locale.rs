//! The reader's language: which one, and the words in it.

use std::collections::BTreeMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

use crate::base::Timestamp;

/// A language that the pages speak. One more is one more variant, and a file in `locales/` and `locales/authenticator/`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    #[default]
    En,
    Es,
}

impl Locale {
    pub const ALL: [Self; 2] = [Self::En, Self::Es];

    /// The language tag of `<html lang>` and `ui_locales_supported`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// What its speakers call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Es => "Español",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::En => concat!(
                include_str!("../../locales/en.ftl"),
                "\n",
                include_str!("../../locales/authenticator/en.ftl")
            ),
            Self::Es => concat!(
                include_str!("../../locales/es.ftl"),
                "\n",
                include_str!("../../locales/authenticator/es.ftl")
            ),
        }
    }

    /// The keys of the phone app's words.
    fn app_keys() -> impl Iterator<Item = &'static str> {
        Self::En
            .words()
            .lines()
            .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
            .filter(|key| key.starts_with(APP_WORDS))
    }

    /// Reads one BCP 47 tag by its primary subtag: `es-MX` is Spanish to us.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL
            .into_iter()
            .find(|locale| primary.eq_ignore_ascii_case(locale.as_str()))
    }

    /// `ui_locales` (OIDC Core §3.1.2.1: space-separated, in order of preference), else `Accept-Language`
    /// (RFC 9110 §12.5.4), else English.
    pub fn choose(ui_locales: Option<&str>, accept_language: Option<&str>) -> Self {
        let asked = ui_locales.and_then(|list| list.split_ascii_whitespace().find_map(Self::of_tag));
        asked
            .or_else(|| accept_language.and_then(Self::preferred))
            .unwrap_or_default()
    }

    fn preferred(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',').take(MAX_LANGUAGE_RANGES) {
            let mut parts = range.split(';');
            let Some(locale) = parts.next().and_then(Self::of_tag) else {
                continue;
            };
            let weight = parts
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            // Of equal weights the first wins; weight 0 means "not acceptable".
            if weight > best.map_or(0.0, |(w, _)| w) {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }
}

/// What the keys of the phone app's words begin with.
const APP_WORDS: &str = "app-";
/// The variables of the phone app's words. Only the app knows their values, so each is left standing as `{name}`.
const APP_VARIABLES: [&str; 6] = ["n", "name", "account", "workspace", "time", "version"];

/// More than any browser sends.
const MAX_LANGUAGE_RANGES: usize = 32;

/// All words in all languages, parsed once.
pub struct Texts {
    bundles: Vec<(Locale, FluentBundle<FluentResource>)>,
}

#[derive(Debug, thiserror::Error)]
#[error("locales/{locale}.ftl: {reason}")]
pub struct LocaleError {
    locale: &'static str,
    reason: String,
}

impl Texts {
    pub fn load() -> Result<Self, LocaleError> {
        let bundles = Locale::ALL
            .into_iter()
            .map(|locale| Ok((locale, bundle(locale)?)))
            .collect::<Result<_, LocaleError>>()?;
        Ok(Self { bundles })
    }

    /// The words behind `key` (`message` or `message.attribute`) with `args` put in; in English where the language
    /// lacks them; `None` where nobody knows the key.
    pub fn get(&self, locale: Locale, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        self.exact(locale, key, args)
            .or_else(|| self.exact(Locale::En, key, args))
    }

    fn exact(&self, locale: Locale, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let (_, bundle) = self.bundles.iter().find(|(l, _)| *l == locale)?;
        let (id, attribute) = key.split_once('.').map_or((key, None), |(id, a)| (id, Some(a)));
        let message = bundle.get_message(id)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut faults = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut faults);
        if !faults.is_empty() {
            tracing::error!(key, locale = locale.as_str(), ?faults, "words with a hole in them");
        }
        Some(text.into_owned())
    }

    /// All words of the phone app, by key without the prefix.
    pub fn app(&self, locale: Locale) -> BTreeMap<&'static str, String> {
        let mut args = FluentArgs::new();
        for name in APP_VARIABLES {
            args.set(name, format!("{{{name}}}"));
        }
        Locale::app_keys()
            .filter_map(|key| Some((key.strip_prefix(APP_WORDS)?, self.get(locale, key, &args)?)))
            .collect()
    }

    /// A day in the reader's language, by the UTC calendar.
    pub fn date(&self, locale: Locale, at: Timestamp) -> String {
        let day = at.calendar();
        let month = self.get(locale, &format!("month-{}", u8::from(day.month())), &FluentArgs::new());
        let mut args = FluentArgs::new();
        args.set("day", day.day().to_string());
        args.set("month", month.unwrap_or_default());
        args.set("year", day.year().to_string());
        self.get(locale, "date", &args).unwrap_or_else(|| at.rfc3339())
    }

    /// Day and minute, by the UTC calendar, which is said: nobody has told us where the reader is.
    pub fn moment(&self, locale: Locale, at: Timestamp) -> String {
        let time = at.calendar();
        let mut args = FluentArgs::new();
        args.set("date", self.date(locale, at));
        args.set("time", format!("{:02}:{:02}", time.hour(), time.minute()));
        self.get(locale, "moment", &args).unwrap_or_else(|| at.rfc3339())
    }
}

fn bundle(locale: Locale) -> Result<FluentBundle<FluentResource>, LocaleError> {
    let fault = |reason: String| LocaleError {
        locale: locale.as_str(),
        reason,
    };
    let language: LanguageIdentifier = locale.as_str().parse().map_err(|e| fault(format!("{e}")))?;
    let words = FluentResource::try_new(locale.words().to_owned()).map_err(|(_, e)| fault(format!("{e:?}")))?;
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Both languages run left to right; isolation marks would only end up in copied text.
    bundle.set_use_isolating(false);
    bundle.add_resource(words).map_err(|e| fault(format!("{e:?}")))?;
    Ok(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Message or attribute -> the variables that it uses.
    fn inventory(locale: Locale) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let (mut message, mut current) = (String::new(), String::new());
        for line in locale.words().lines().filter(|l| !l.starts_with('#')) {
            let head = line.split(" =").next().unwrap_or_default();
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                message = head.to_owned();
                current = message.clone();
            } else if let Some(attribute) = head.trim_start().strip_prefix('.') {
                current = format!("{message}.{attribute}");
            }
            if line.trim().is_empty() {
                continue;
            }
            let variables = found.entry(current.clone()).or_default();
            for piece in line.split('$').skip(1) {
                let name: String = piece.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                variables.push(name);
            }
            variables.sort();
            variables.dedup();
        }
        found
    }

    #[test]
    fn every_language_says_the_same_things_with_the_same_variables() {
        let english = inventory(Locale::En);
        assert!(english.len() > 150, "the inventory reads the file");
        for locale in Locale::ALL {
            let other = inventory(locale);
            for (key, variables) in &english {
                assert_eq!(other.get(key), Some(variables), "{key} in {}", locale.as_str());
            }
            assert_eq!(other.len(), english.len(), "{} says more than English", locale.as_str());
        }
    }

    #[test]
    fn the_app_puts_its_own_values_in() {
        let texts = Texts::load().unwrap();
        for locale in Locale::ALL {
            let words = texts.app(locale);
            assert!(words.len() > 100);
            assert!(words["tries-left"].contains("{n}"), "{words:?}");
            assert!(words.values().all(|text| !text.contains("{$")), "{words:?}");
        }
    }

    #[test]
    fn the_request_beats_the_browser_and_the_browser_beats_the_default() {
        assert_eq!(Locale::choose(Some("fr-CA es-MX en"), Some("en")), Locale::Es);
        assert_eq!(Locale::choose(Some("fr"), Some("de, es;q=0.8, en;q=0.5")), Locale::Es);
        assert_eq!(Locale::choose(None, Some("es;q=0, en;q=0.1")), Locale::En);
        assert_eq!(Locale::choose(None, Some("es;q=nonsense")), Locale::En);
        assert_eq!(Locale::choose(None, Some("es, en")), Locale::Es);
        assert_eq!(Locale::choose(None, None), Locale::En);
    }

    #[test]
    fn dates_read_as_people_write_them() {
        let texts = Texts::load().unwrap();
        let day = Timestamp::from_secs(1_741_781_000);
        assert_eq!(texts.date(Locale::En, day), "March 12, 2025");
        assert_eq!(texts.date(Locale::Es, day), "12 de marzo de 2025");
        assert_eq!(texts.moment(Locale::En, day), "March 12, 2025, 12:03 UTC");
        assert_eq!(texts.moment(Locale::Es, day), "12 de marzo de 2025, 12:03 UTC");
    }
}

//! Every sample of every page in every language, as a browser reads it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use scraper::{ElementRef, Html, Selector};

use super::*;

fn select<'a>(html: &'a Html, css: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(css).unwrap()).collect()
}

struct EachPage<'a> {
    pages: &'a Pages,
    look: &'a mut dyn FnMut(&str, &Frame, usize, &str),
}

impl Visit for EachPage<'_> {
    fn page<P: Page>(&mut self) {
        for frame in Frame::samples() {
            for (n, page) in P::samples().iter().enumerate() {
                let html = self.pages.try_render(&frame, page);
                let html = html.unwrap_or_else(|e| panic!("{} sample {n}: {e}", P::ID));
                (self.look)(P::ID, &frame, n, &html);
            }
        }
    }
}

fn with_each(mut look: impl FnMut(&str, &Frame, usize, &str)) {
    let pages = Pages::new(None).unwrap();
    pages::each(&mut EachPage {
        pages: &pages,
        look: &mut look,
    });
}

#[test]
fn every_page_renders_and_says_which_one_it_is() {
    let mut seen = BTreeSet::new();
    with_each(|id, frame, _, text| {
        let html = Html::parse_document(text);
        // scraper is lenient, so this holds what a template can break: a second root, a stray end.
        assert_eq!(html.errors, Vec::<String>::new(), "{id}: {text}");
        assert_eq!(select(&html, "body[data-page]")[0].value().attr("data-page"), Some(id));
        assert_eq!(
            select(&html, "html")[0].value().attr("lang"),
            Some(frame.locale.as_str())
        );
        assert_eq!(select(&html, "h1").len(), 1, "{id}");
        assert_eq!(select(&html, "main").len(), 1, "{id}");
        assert!(!text.contains("{{") && !text.contains("}}"), "{id}");
        seen.insert(id.to_owned());
    });
    let expected = [
        "account",
        "account-help-phone",
        "account-lost",
        "account-remove",
        "account-rename",
        "account-security",
        "account-undo",
        "account-activity",
        "account-close",
        "account-closed",
        "account-email",
        "account-password",
        "account-privacy",
        "account-profile",
        "account-sessions",
        "authenticator",
        "choose-authenticator",
        "choose-method",
        "consent",
        "device",
        "enrol",
        "enrol-phone",
        "enrol-push",
        "enrol-setup",
        "enrol-totp",
        "enrol-webauthn",
        "error",
        "recover",
        "recovery-codes",
        "refused",
        "register",
        "sign-in",
        "signed-out",
        "verify-password",
        "verify-phone",
        "verify-push",
        "verify-recovery-code",
        "verify-totp",
        "verify-webauthn",
    ];
    assert_eq!(seen, expected.map(str::to_owned).into());
}

#[test]
fn nothing_stands_in_the_way_of_a_strict_content_security_policy() {
    with_each(|id, _, _, text| {
        let html = Html::parse_document(text);
        assert!(select(&html, "[style], style").is_empty(), "{id}");
        for script in select(&html, "script") {
            assert!(script.value().attr("src").unwrap().starts_with("/static/"), "{id}");
            assert_eq!(script.inner_html(), "", "{id}");
        }
        for element in select(&html, "*") {
            for (name, value) in element.value().attrs() {
                assert!(!name.starts_with("on"), "{id}: {name}");
                assert!(!value.trim_start().starts_with("javascript:"), "{id}: {value}");
            }
        }
    });
}

#[test]
fn what_people_typed_stays_text() {
    let mut hostile = 0;
    with_each(|id, _, _, text| {
        assert!(!text.contains("<script>") && !text.contains("<b>"), "{id}: {text}");
        hostile += usize::from(text.contains("&lt;script&gt;"));
    });
    assert!(hostile > 20, "the samples try it");
}

#[test]
fn every_form_posts_with_its_token_and_every_field_has_a_label() {
    with_each(|id, frame, _, text| {
        let html = Html::parse_document(text);
        for form in select(&html, "form") {
            assert_eq!(form.value().attr("method"), Some("post"), "{id}");
            assert_eq!(form.value().attr("action"), Some(frame.action.as_str()), "{id}");
            let token = Selector::parse("input[type=hidden][name=csrf]").unwrap();
            let token = form.select(&token).next().unwrap();
            assert_eq!(token.value().attr("value"), Some(frame.csrf.as_str()), "{id}");
        }
        for input in select(&html, "input:not([type=hidden])") {
            let name = input.value().attr("id").unwrap();
            let label = select(&html, &format!("label[for={name}]"));
            assert!(!label[0].text().collect::<String>().trim().is_empty(), "{id}: {name}");
        }
        for button in select(&html, "button, a") {
            assert!(
                !button.text().collect::<String>().trim().is_empty(),
                "{id}: {}",
                button.html()
            );
        }
    });
}

/// Enter presses the first submit button of the form (HTML, "implicit submission").
#[test]
fn enter_does_the_primary_thing() {
    with_each(|id, _, _, text| {
        let html = Html::parse_document(text);
        for form in select(&html, "form") {
            let buttons = Selector::parse("button:not([type=button])").unwrap();
            let first = form.select(&buttons).next().unwrap();
            let class = first.value().attr("class").unwrap();
            assert!(["primary", "choice"].contains(&class), "{id}: {class}");
            let leaving = form
                .select(&buttons)
                .filter(|b| ["cancel", "choose", "resend"].contains(&b.value().attr("value").unwrap_or_default()));
            let fields = Selector::parse("input[required]").unwrap();
            if form.select(&fields).next().is_some() {
                assert!(
                    leaving.into_iter().all(|b| b.value().attr("formnovalidate").is_some()),
                    "{id}"
                );
            }
        }
    });
}

#[test]
fn a_refused_form_says_why_and_leads_there() {
    with_each(|id, frame, n, text| {
        let html = Html::parse_document(text);
        let trouble = select(&html, "[data-error]");
        // "You are signed out" has nothing to refuse.
        if frame.trouble.is_none() || (id == "signed-out" && n != 1) {
            assert!(trouble.is_empty(), "{id}");
            return;
        }
        assert_eq!(trouble.len(), 1, "{id}");
        assert_eq!(trouble[0].value().attr("data-error"), Some("MFA-110"), "{id}");
        assert_eq!(trouble[0].value().attr("role"), Some("alert"), "{id}");
        assert!(trouble[0].text().any(|t| t == "MFA-110"), "{id}");
        assert_eq!(
            select(&html, "[data-reference]")[0].text().collect::<String>(),
            "7KQ2-M9XD"
        );
        assert_eq!(select(&html, "[autofocus]").len(), 1, "{id} sample {n}");
        let focus = &select(&html, "[autofocus]")[0];
        if focus.value().name() == "input" && focus.value().attr("readonly").is_none() {
            let described = focus.value().attr("aria-describedby").unwrap_or_default();
            assert!(described.split(' ').any(|d| d == "trouble"), "{id} sample {n}");
        }
        for input in select(&html, "[aria-describedby]") {
            for target in input.value().attr("aria-describedby").unwrap().split(' ') {
                assert_eq!(select(&html, &format!("#{target}")).len(), 1, "{id}: {target}");
            }
        }
    });
}

/// The names that password managers, phones, partners and tests rely on.
#[test]
fn the_fixed_names_are_there() {
    let mut found: BTreeSet<String> = BTreeSet::new();
    with_each(|id, _, _, text| {
        let html = Html::parse_document(text);
        for element in select(&html, "[autocomplete]") {
            found.insert(format!("{id} {}", element.value().attr("autocomplete").unwrap()));
        }
        for button in select(&html, "button[name=action]") {
            found.insert(format!("{id} {}", button.value().attr("value").unwrap()));
        }
    });
    for wanted in [
        "sign-in username webauthn",
        "sign-in current-password",
        "sign-in cancel",
        "verify-password username",
        "verify-password current-password",
        "verify-password choose",
        "verify-password cancel",
        "choose-method cancel",
        "choose-authenticator cancel",
        "choose-authenticator choose",
        "verify-totp one-time-code",
        "verify-totp choose",
        "verify-totp cancel",
        "verify-phone one-time-code",
        "verify-phone resend",
        "verify-phone choose",
        "verify-phone cancel",
        "consent allow",
        "consent deny",
        "signed-out logout",
        "signed-out stay",
        "account-profile name",
        "account-profile email",
        "account-profile one-time-code",
        "account-password username",
        "account-password new-password",
    ] {
        assert!(found.contains(wanted), "{wanted}");
    }
}

#[test]
fn s33_text_and_call_are_explained_to_prescribers() {
    let pages = Pages::new(None).unwrap();
    let frame = Frame::samples().into_iter().find(|f| f.partner.is_some()).unwrap();
    let text = pages.render(&frame, &pages::ChooseMethod::samples()[0]);
    let html = Html::parse_document(&text);
    let refused: Vec<String> = select(&html, "[data-refused]")
        .iter()
        .map(|r| r.text().collect())
        .collect();
    assert_eq!(
        refused[0],
        "Text messageNot available for prescribers of controlled substances"
    );
    assert_eq!(refused[1], "Phone callNot accepted by Cedar Clinic EHR");
    assert!(select(&html, "button[value=sms], button[value=voice]").is_empty());
}

#[test]
fn s56_the_official_host_and_both_languages_are_on_every_page() {
    with_each(|id, frame, _, text| {
        let html = Html::parse_document(text);
        assert!(select(&html, ".host")[0].text().any(|t| t == "id.example.org"), "{id}");
        let links = select(&html, ".languages a");
        assert_eq!(links.len(), Locale::ALL.len());
        let here = links.iter().find(|l| l.value().attr("aria-current").is_some()).unwrap();
        assert_eq!(here.value().attr("hreflang"), Some(frame.locale.as_str()));
        assert_eq!(links[1].value().attr("href"), Some("/sign-in/5yqkQ0aTz2?ui_locales=es"));
    });
}

#[test]
fn a_link_that_is_not_of_the_web_is_left_out() {
    let pages = Pages::new(None).unwrap();
    let mut frame = Frame::samples().remove(1);
    frame.partner.as_mut().unwrap().policy_uri = Url::parse("javascript:alert(1)").ok();
    let text = pages.render(&frame, &pages::Consent::samples()[0]);
    assert!(!text.contains("javascript:") && !text.contains("Privacy policy"));
    assert!(text.contains("https://cedar.example/terms"));
}

#[test]
fn an_override_replaces_one_template() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("totp")).unwrap();
    let file = dir.path().join("totp/challenge.hbs");
    std::fs::write(&file, "{{#> layout title=\"Ours\"}}<p>{{page.nickname}}</p>{{/layout}}").unwrap();
    let pages = Pages::new(Some(dir.path())).unwrap();
    let frame = &Frame::samples()[0];
    let text = pages.render(frame, &pages::VerifyTotp::samples()[0]);
    assert!(text.contains("<h1>Ours</h1>") && text.contains("<p>Office iPhone</p>"));
    assert!(
        pages
            .render(frame, &pages::ErrorPage { back_href: None })
            .contains("data-page=\"error\"")
    );
}

#[test]
fn a_broken_override_is_named_with_file_and_line() {
    let fault = |name: &str, text: &str| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(name);
        std::fs::write(&file, text).unwrap();
        let message = Pages::new(Some(dir.path())).err().unwrap().to_string();
        assert!(!message.contains('\n'), "{message}");
        message.replace(&dir.path().display().to_string(), "DIR")
    };
    let syntax = fault(
        "error.hbs",
        "{{#> layout title=\"x\"}}\n<p>\n{{#if frame}}\n{{/layout}}",
    );
    assert!(syntax.starts_with("DIR/error.hbs:4: "), "{syntax}");
    let variable = fault("error.hbs", "{{#> layout title=\"x\"}}\n\n{{page.colour}}{{/layout}}");
    assert!(
        variable.starts_with("DIR/error.hbs:3: ") && variable.contains("page.colour"),
        "{variable}"
    );
    let words = fault("error.hbs", "\n{{t \"no-such-words\"}}");
    assert!(
        words.starts_with("DIR/error.hbs:2: ") && words.contains("no-such-words"),
        "{words}"
    );
    let unknown = fault("eror.hbs", "");
    assert_eq!(
        unknown,
        "DIR/eror.hbs: no page of ours is called so; take a path from templates/"
    );
}

#[test]
fn the_last_resort_shows_the_reference() {
    let frame = Frame {
        reference: Some("<7KQ2>".to_owned()),
        ..Frame::samples().remove(0)
    };
    let text = last_resort(&frame);
    assert!(text.contains("data-error=\"server_error\"") && text.contains("data-reference=\"&lt;7KQ2&gt;\""));
}

/// Writes all samples as files, to be looked at: `PAGES_OUT=/some/folder cargo test -- --ignored write_the_samples`.
#[test]
#[ignore = "a viewer, not a check"]
fn write_the_samples_to_files() {
    let out = PathBuf::from(std::env::var_os("PAGES_OUT").expect("PAGES_OUT names a folder"));
    std::fs::create_dir_all(&out).unwrap();
    let mut count = 0;
    with_each(|id, frame, n, text| {
        let kind = match (&frame.partner, &frame.trouble) {
            (None, _) => "bare",
            (Some(_), None) => "full",
            (Some(_), Some(_)) => "trouble",
        };
        let file = out.join(format!("{id}-{n}-{kind}-{}.html", frame.locale.as_str()));
        std::fs::write(file, text.replace("\"/static/", "\"static/")).unwrap();
        count += 1;
    });
    assert!(count > 100);
}

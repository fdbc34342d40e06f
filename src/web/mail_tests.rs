//! Every letter in every language, as it is read; and what must not get into one.

use scraper::{Html, Selector};

use super::*;

fn mail() -> Mail {
    Mail::new(None).unwrap()
}

fn with_each(mut look: impl FnMut(Locale, &Letter, &Written)) {
    let (mail, site) = (mail(), letters::sample_site());
    for locale in Locale::ALL {
        for letter in letters::samples() {
            let written = mail.try_write(locale, &site, &letter);
            let written = written.unwrap_or_else(|e| panic!("{} {}: {e}", letter.key, locale.as_str()));
            look(locale, &letter, &written);
        }
    }
}

fn letter(key: &'static str) -> Letter {
    letters::samples().into_iter().find(|l| l.key == key).unwrap()
}

fn text_of(html: &str, css: &str) -> Vec<String> {
    let (document, selector) = (Html::parse_document(html), Selector::parse(css).unwrap());
    let found = document.select(&selector);
    found.map(|e| e.text().collect::<String>().trim().to_owned()).collect()
}

/// The words are there in each language itself, not only in English, and none has a hole.
#[test]
fn every_letter_has_its_words_in_every_language() {
    let mut english = Vec::new();
    with_each(|locale, letter, written| {
        for (part, text) in [
            ("subject", &written.subject),
            ("text", &written.text),
            ("html", &written.html),
            ("short", &written.short),
        ] {
            assert!(!text.trim().is_empty(), "{} {part}", letter.key);
            let text = text.replace("letter-spacing", "");
            for hole in ["{", "$", "–", "letter-"] {
                assert!(
                    !text.contains(hole),
                    "{} {part} {}: {hole} in {text}",
                    letter.key,
                    locale.as_str()
                );
            }
        }
        match locale {
            Locale::En => english.push(written.clone()),
            Locale::Es => {
                let twin = english.remove(0);
                assert_ne!(twin.subject, written.subject, "{}", letter.key);
                assert_ne!(twin.short, written.short, "{}", letter.key);
            }
        }
    });
    assert_eq!(letters::keys().count(), 27);
}

#[test]
fn every_variable_of_a_letter_is_said_where_it_belongs() {
    let mail = mail();
    for locale in Locale::ALL {
        for key in letters::keys() {
            let sample = letter(key);
            let written = mail.try_write(locale, &letters::sample_site(), &sample).unwrap();
            let text = one_line(&written.text, usize::MAX);
            for (name, value) in &sample.args {
                let method = mail
                    .engine
                    .texts
                    .get(locale, "method-totp", &FluentArgs::new())
                    .unwrap();
                let said = if *name == "method" { &method } else { value };
                assert!(text.contains(said.as_str()), "{key}: {name} in {}", written.text);
            }
            for part in [&sample.code, &sample.link, &sample.undo].into_iter().flatten() {
                assert!(written.text.contains(part.as_str()), "{key}: {part}");
                assert!(written.html.contains(part.as_str()), "{key}: {part}");
            }
        }
    }
}

#[test]
fn a_letter_says_when_and_where_and_how_to_take_it_back() {
    let written = mail().write(Some("en-US"), &letters::sample_site(), &letter("password-changed"));
    for line in [
        "Cedar Health ID",
        "Your password was changed",
        "When: November 25, 2026, 03:18 UTC",
        "From the network address: 2001:db8::7",
        "With: Firefox on Windows",
        "At: Cedar Clinic EHR",
        "https://id.example.org/account/undo/v0Q8Jr5mTq3Zx1Lk7Yb2Wn6Hd4Sc9Gf_Ae-PuRiOtE0",
        "We never ask for a code or a password by phone, text message or e-mail.",
    ] {
        assert!(written.text.lines().any(|l| l == line), "{line} in\n{}", written.text);
    }
    assert!(written.text.contains("If this was not you"));
    let spanish = mail().write(Some("es-MX"), &letters::sample_site(), &letter("password-changed"));
    assert_eq!(spanish.subject, "Se ha cambiado su contraseña");
    assert!(
        spanish.text.contains("Cuándo: 25 de noviembre de 2026, 03:18 UTC"),
        "{}",
        spanish.text
    );
    let unknown = mail().write(Some("tlh"), &letters::sample_site(), &letter("password-changed"));
    assert_eq!(unknown.subject, "Your password was changed");
}

#[test]
fn the_html_is_whole_plain_and_quiet() {
    with_each(|locale, letter, written| {
        let html = Html::parse_document(&written.html);
        assert_eq!(html.errors, Vec::<String>::new(), "{}: {}", letter.key, written.html);
        let root = html.root_element().value();
        assert_eq!(root.attr("lang"), Some(locale.as_str()));
        assert_eq!(text_of(&written.html, "h1"), [written.subject.as_str()]);
        // Nothing is fetched when it is read: a picture from elsewhere would tell that it was.
        for loads in [
            "img",
            "link",
            "script",
            "style",
            "iframe",
            "form",
            "table",
            "[src]",
            "[background]",
        ] {
            assert!(text_of(&written.html, loads).is_empty(), "{}: {loads}", letter.key);
        }
        assert!(!written.html.contains("url("));
        let all = Html::parse_document(&written.html);
        for link in all.select(&Selector::parse("a").unwrap()) {
            assert!(
                link.value()
                    .attr("href")
                    .unwrap()
                    .starts_with("https://id.example.org/")
            );
            assert!(!link.text().collect::<String>().trim().is_empty());
        }
        assert!(text_of(&written.html, "body").concat().contains("id.example.org"));
    });
}

#[test]
fn plain_text_wraps_and_keeps_links_whole() {
    with_each(|_, letter, written| {
        for line in written.text.lines() {
            let whole = line.starts_with("https://") && !line.contains(' ');
            assert!(line.chars().count() <= LINE_CHARS || whole, "{}: {line}", letter.key);
            assert_eq!(line, line.trim(), "{}", letter.key);
        }
        assert!(
            !written.text.contains("\n\n\n") && !written.text.starts_with('\n'),
            "{}",
            letter.key
        );
        assert!(!written.text.contains("&amp;") && !written.text.contains("&quot;"));
    });
    assert_eq!(wrapped("a\n\n\n\nb  c\n"), "a\n\nb c\n");
}

#[test]
fn a_text_message_fits_into_one() {
    with_each(|locale, letter, written| {
        let length = short::gsm_length(&written.short);
        let length = length.unwrap_or_else(|| panic!("{} in {}: {}", letter.key, locale.as_str(), written.short));
        assert!(
            length <= 160,
            "{} in {}: {length} {}",
            letter.key,
            locale.as_str(),
            written.short
        );
        assert!(written.short.starts_with("Cedar Health ID: "));
        let link = letter.link.as_ref().or(letter.undo.as_ref());
        assert!(
            link.is_none_or(|link| written.short.ends_with(link.as_str())),
            "{}",
            written.short
        );
        assert!(!written.short.contains('\n'));
    });
    assert_eq!(short::gsm_length("añadió"), None);
    assert_eq!(short::gsm_length("{}"), Some(4));
    assert_eq!(short::fold("“Añadió…” — ¿Sí?"), "\"Añadio...\" - ¿Si?");
}

#[test]
fn what_people_chose_stays_a_short_piece_of_text() {
    let mut hostile = letter("authenticator-added");
    let name =
        "<script>alert(1)</script>\r\nBcc: all@cedar.example\r\n\u{202e}& \"x\" {{frame.host}} { $method } ".repeat(20);
    hostile.args.insert("nickname", name.clone());
    hostile.args.insert("method", "totp.line".to_owned());
    hostile.facts.as_mut().unwrap().browser = Some(name.clone());
    hostile.facts.as_mut().unwrap().partner = Some(name);
    let site = Site {
        name: "Cedar <b>&</b>\r\nSubject: x".to_owned(),
        ..letters::sample_site()
    };
    for locale in Locale::ALL {
        let written = mail().try_write(locale, &site, &hostile).unwrap();
        assert!(!written.html.contains("<script") && !written.html.contains("<b>"));
        assert!(written.html.contains("&lt;script&gt;alert(1)&lt;/script&gt; Bcc:"));
        assert!(written.html.contains("Cedar &lt;b&gt;&amp;&lt;/b&gt; Subject: x"));
        assert!(written.text.contains("<script>alert(1)</script> Bcc:"));
        // A header begins a line; a name never does.
        for text in [&written.subject, &written.text, &written.short] {
            assert!(
                !text.lines().any(|l| l.starts_with("Bcc:") || l.starts_with("Subject:")),
                "{text}"
            );
            assert!(!text.contains(['\r', '\u{202e}']));
        }
        assert_eq!(written.subject.lines().count(), 1);
        assert!(
            written.text.matches("alert(1)").count() == 2,
            "each is cut short: {}",
            written.text
        );
        assert!(!written.text.contains("id.example.org }}"));
    }
    let long = "a".repeat(500);
    assert_eq!(one_line(&long, LONGEST_NAME).chars().count(), LONGEST_NAME);
    assert_eq!(one_line("  a\t\u{85}\u{2028}b\u{200b}c ", 9), "a bc");
}

#[test]
fn how_many_codes_are_left_is_said_in_words() {
    let with = |left: &str| {
        let mut used = letter("recovery-code-used");
        used.args.insert("left", left.to_owned());
        mail().write(None, &letters::sample_site(), &used).text
    };
    assert!(with("0").contains("It was the last"));
    assert!(with("1").contains("One is left"));
    assert!(with("7").contains("7 are left"));
}

/// A caller that forgot an argument, or named a letter that is not there: what is waited for arrives all the same.
#[test]
fn a_letter_is_never_lost() {
    let mut bare = letter("authenticator-added");
    bare.args.clear();
    let written = mail().try_write(Locale::En, &letters::sample_site(), &bare).unwrap();
    assert!(written.text.contains("set up: –, “–”"), "{}", written.text);
    let unknown = Letter {
        key: "no-such-letter",
        code: Some("482917".to_owned()),
        link: Some("https://id.example.org/?a=1&b=2".to_owned()),
        ..Letter::default()
    };
    let written = mail().write(Some("es"), &letters::sample_site(), &unknown);
    assert!(written.text.contains("482917") && written.text.contains("https://id.example.org/?a=1&b=2"));
    assert!(written.html.contains("?a&#x3D;1&amp;b&#x3D;2"), "{}", written.html);
    assert_eq!(written.subject, "Cedar Health ID: no-such-letter");
}

#[test]
fn an_override_replaces_a_template_of_letters_and_is_checked() {
    let with = |name: &str, text: &str| {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("mail")).unwrap();
        std::fs::write(dir.path().join("mail").join(name), text).unwrap();
        let opened = Mail::new(Some(dir.path()));
        opened.map_err(|e| e.to_string().replace(&dir.path().display().to_string(), "DIR"))
    };
    let ours = with("letter.hbs", "<p>{{letter.subject}}</p>").unwrap();
    let written = ours.write(None, &letters::sample_site(), &letter("undone"));
    assert_eq!(written.html, "<p>A change was taken back</p>");
    assert!(written.text.contains("A change was taken back"));
    let broken = |name: &str, text: &str| with(name, text).err().unwrap();
    let variable = broken("letter-text.hbs", "{{letter.subject}}\n\n{{letter.colour}}");
    assert!(
        variable.starts_with("DIR/mail/letter-text.hbs:3: ") && variable.contains("letter.colour"),
        "{variable}"
    );
    // Only the letters that have a code show this mistake: each is tried.
    let rare = broken("letter.hbs", "{{#if letter.code}}\n{{t \"no-such-words\"}}{{/if}}");
    assert!(
        rare.starts_with("DIR/mail/letter.hbs:2: ") && rare.contains("no-such-words"),
        "{rare}"
    );
    let syntax = broken("letter.hbs", "{{#if letter.code}}");
    assert!(syntax.starts_with("DIR/mail/letter.hbs:"), "{syntax}");
    assert!(broken("lettre.hbs", "").starts_with("DIR/mail/lettre.hbs: no page of ours"));
}

/// Writes all samples as files, to be looked at: `MAIL_OUT=/some/folder cargo test -- --ignored write_the_letters`.
#[test]
#[ignore = "a viewer, not a check"]
fn write_the_letters_to_files() {
    let out = PathBuf::from(std::env::var_os("MAIL_OUT").expect("MAIL_OUT names a folder"));
    std::fs::create_dir_all(&out).unwrap();
    let mut n = 0;
    with_each(|locale, letter, written| {
        n += 1;
        let file = |ending: &str| out.join(format!("{n:02}-{}-{}.{ending}", letter.key, locale.as_str()));
        std::fs::write(file("html"), &written.html).unwrap();
        std::fs::write(file("txt"), format!("{}\n---\n{}", written.text, written.short)).unwrap();
    });
    assert!(n > 40);
}

//! Text of others, made safe for a terminal: what steers it, and what makes a reader see another order or nothing at
//! all, is shown by its number (CWE-150; Unicode TR 36 §2.4, TR 9).

use std::fmt::Write;

/// Control characters, line breaks among them (a value stays on its line), bidi controls, and characters without a shape.
const fn steers(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

pub fn safe(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if steers(c) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
        out
    })
}

/// JSON with the same characters escaped as JSON does. They stand in strings only, so the meaning is the same.
pub fn safe_json(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut out, c| {
        // The line breaks of indented JSON stay; inside strings they are escaped already.
        if steers(c) && c != '\n' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_a_reader_is_shown_by_its_number() {
        for (text, shown) in [
            (
                "Ana's phone: a•••a@c•••, 電話 عربي é",
                "Ana's phone: a•••a@c•••, 電話 عربي é",
            ),
            ("\u{1b}]0;title\u{7}", r"\u{1b}]0;title\u{7}"),
            ("a\r\nApproved", r"a\u{d}\u{a}Approved"),
            ("\u{9b}31m\u{7f}", r"\u{9b}31m\u{7f}"),
            ("evil\u{202e}moc.elpmaxe\u{2066}", r"evil\u{202e}moc.elpmaxe\u{2066}"),
            ("a\u{200b}b\u{feff}\u{e0041}", r"a\u{200b}b\u{feff}\u{e0041}"),
        ] {
            assert_eq!(safe(text), shown);
            assert!(!safe(text).chars().any(steers));
        }
    }

    #[test]
    fn json_says_the_same_after_it() {
        let value = serde_json::json!({ "a\u{202e}": ["\u{9b}x\u{7f}\n", "\u{e0041}", "é\\"] });
        let text = safe_json(&serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        assert!(!text.chars().any(|c| steers(c) && c != '\n'));
    }
}

//! Names of subjects as they are written (RFC 4514), for comparison with those in certificates.

/// RFC 4514 §3, RFC 4519, and what certificates have besides: keyword and object identifier.
const TYPES: [(&str, &str); 16] = [
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("TITLE", "2.5.4.12"),
    ("BUSINESSCATEGORY", "2.5.4.15"),
    ("GN", "2.5.4.42"),
    ("ORGANIZATIONIDENTIFIER", "2.5.4.97"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("EMAILADDRESS", "1.2.840.113549.1.9.1"),
];

/// An object identifier and a value.
pub type Attribute = (String, String);

/// The relative names, in the order of a certificate (the reverse of how they are written); the attributes of each sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName(pub Vec<Vec<Attribute>>);

impl DistinguishedName {
    /// RFC 4514 §2 and §3. Spaces after a comma are forgiven, as in RFC 2253.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut names = Vec::new();
        for name in split(text, &[',', ';']) {
            let attributes = split(name, &['+']).into_iter().map(attribute);
            let mut attributes = attributes.collect::<Result<Vec<_>, _>>()?;
            attributes.sort();
            names.push(attributes);
        }
        names.reverse();
        Ok(Self(names))
    }
}

/// At separators that no backslash stands before.
fn split<'a>(text: &'a str, at: &[char]) -> Vec<&'a str> {
    let (mut parts, mut from, mut escaped) = (Vec::new(), 0, false);
    for (position, letter) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if at.contains(&letter) {
            parts.push(&text[from..position]);
            from = position + letter.len_utf8();
        }
    }
    parts.push(&text[from..]);
    parts
}

fn attribute(text: &str) -> Result<Attribute, String> {
    let wrong = |why: &str| format!("is not a distinguished name as RFC 4514 writes it: {text:?} {why}");
    let (name, value) = text.split_once('=').ok_or_else(|| wrong("has no ="))?;
    let name = name.trim();
    let dotted = name.contains('.')
        && name
            .split('.')
            .all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let known = TYPES.iter().find(|(word, _)| word.eq_ignore_ascii_case(name));
    let oid = match known {
        Some((_, oid)) => (*oid).to_owned(),
        None if dotted => name.to_owned(),
        None => return Err(wrong("has an attribute that is not known; write its object identifier")),
    };
    if value.trim_start().starts_with('#') {
        return Err(wrong("has a value in hexadecimal, which is not compared here"));
    }
    let value = unescaped(value.trim_start()).ok_or_else(|| wrong("has a wrong escape"))?;
    if value.is_empty() {
        return Err(wrong("has an empty value"));
    }
    Ok((oid, value))
}

/// RFC 4514 §2.4: `\,`, `\20`. Spaces at the end count only where they are escaped.
fn unescaped(value: &str) -> Option<String> {
    let (mut bytes, mut kept) = (Vec::new(), 0);
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let first = letters.next()?;
                if first.is_ascii_hexdigit() {
                    let second = letters.next().filter(char::is_ascii_hexdigit)?;
                    bytes.push(u8::from_str_radix(&format!("{first}{second}"), 16).ok()?);
                } else if " \"#+,;<=>\\".contains(first) {
                    bytes.push(u8::try_from(first).ok()?);
                } else {
                    return None;
                }
                kept = bytes.len();
            }
            '"' | '<' | '>' => return None,
            other => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    let spaces = bytes[kept..].iter().rev().take_while(|b| **b == b' ').count();
    bytes.truncate(bytes.len() - spaces);
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(text: &str) -> Vec<Vec<(String, String)>> {
        DistinguishedName::parse(text).unwrap().0
    }

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        // RFC 4514 §4, but for the one in hexadecimal.
        let one = |oid: &str, value: &str| vec![(oid.to_owned(), value.to_owned())];
        let dc = |value| one("0.9.2342.19200300.100.1.25", value);
        let uid = one("0.9.2342.19200300.100.1.1", "jsmith");
        assert_eq!(pairs("UID=jsmith,DC=example,DC=net"), [dc("net"), dc("example"), uid]);
        let two = vec![
            ("2.5.4.11".to_owned(), "Sales".to_owned()),
            ("2.5.4.3".to_owned(), "J.  Smith".to_owned()),
        ];
        assert_eq!(pairs("OU=Sales+CN=J.  Smith,DC=example")[1], two);
        assert_eq!(pairs("cn=J.  Smith + ou=Sales,DC=example")[1], two);
        assert_eq!(
            pairs(r#"CN=James \"Jim\" Smith\, III"#),
            [one("2.5.4.3", "James \"Jim\" Smith, III")]
        );
        assert_eq!(pairs(r"CN=Before\0dAfter"), [one("2.5.4.3", "Before\rAfter")]);
        assert_eq!(pairs(r"CN=Lu\C4\8Di\C4\87"), [one("2.5.4.3", "Lučić")]);
        assert_eq!(
            pairs(r"CN=a\20  , O=b = c"),
            [one("2.5.4.10", "b = c"), one("2.5.4.3", "a ")]
        );
        assert_eq!(pairs("1.2.3=x"), [one("1.2.3", "x")]);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for bad in [
            "",
            "CN",
            "CN=",
            "CN=a,",
            "XX=a",
            "1..2=a",
            "CN=#04024869",
            r"CN=a\",
            r"CN=\4",
            r"CN=\ff",
            "CN=\"a\"",
            "=a",
        ] {
            assert!(DistinguishedName::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in "\\PC{0,60}", near in "([A-Z]{1,2}=[a-z\\\\ ,+=\"#0-9]{0,6}[,+]?){0,4}") {
            let _ = (DistinguishedName::parse(&text), DistinguishedName::parse(&near));
        }
    }
}

//! Where a pairing begins: the link of the page, its secret typed by hand, or the twelve digits of a call.

use url::Url;

use super::trouble::Trouble;
use crate::base::Secret;
use crate::protocol::uri;

/// 128 bits in base32 without padding (RFC 4648 §6).
const SECRET_LETTERS: usize = 26;
/// What a call speaks instead.
const SPOKEN_DIGITS: usize = 12;
/// The page whose fragment holds the secret: fragments are never sent to a server (RFC 9110 §7.1).
const PAGE: &str = "/authenticator";

/// Whom to pair with, and what proves that the page was seen. The secret is in the form that is sent.
#[derive(Debug)]
pub struct Link {
    pub issuer: String,
    pub secret: Secret<String>,
}

impl Link {
    /// A link brings its issuer; what was typed needs one said beside it.
    pub fn parse(text: &str, issuer: Option<&str>) -> Result<Self, Trouble> {
        let text = text.trim();
        let said = issuer.map(checked_issuer).transpose()?;
        if !text.contains("://") {
            let issuer = said.ok_or(Trouble::Usage(
                "--issuer is missing: a typed secret does not say whose it is; add --issuer https://…".to_owned(),
            ))?;
            let secret = secret(text)?;
            return Ok(Self { issuer, secret });
        }
        let wrong = || {
            Trouble::Usage(
                "the link is not one for pairing; it has the form https://…/authenticator#pair=… as the page shows it"
                    .to_owned(),
            )
        };
        let (page, typed) = text.split_once("#pair=").ok_or_else(wrong)?;
        let own = checked_issuer(page.strip_suffix(PAGE).ok_or_else(wrong)?)?;
        if let Some(said) = said.filter(|said| *said != own) {
            return Err(Trouble::Usage(format!(
                "--issuer {said}: the link is of {own}; leave --issuer out"
            )));
        }
        Ok(Self {
            issuer: own,
            secret: secret(typed)?,
        })
    }
}

/// Compared letter by letter later on, so what a parser would mend is refused. http only on this machine.
pub fn checked_issuer(text: &str) -> Result<String, Trouble> {
    let text = text.strip_suffix('/').unwrap_or(text);
    uri::check_web(text).map_err(|why| Trouble::Usage(format!("the issuer {why}")))?;
    let plain = Url::parse(text).is_ok_and(|url| url.query().is_none());
    if plain {
        return Ok(text.to_owned());
    }
    Err(Trouble::Usage("the issuer has a query, which none has".to_owned()))
}

/// Never repeated in the error: it may be good.
fn secret(typed: &str) -> Result<Secret<String>, Trouble> {
    let blank = |c: &char| !c.is_whitespace() && *c != '-';
    let clean: String = typed.chars().filter(blank).map(|c| c.to_ascii_uppercase()).collect();
    let letters = clean.len() == SECRET_LETTERS && clean.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    let digits = clean.len() == SPOKEN_DIGITS && clean.bytes().all(|b| b.is_ascii_digit());
    if letters || digits {
        return Ok(Secret::new(clean));
    }
    Err(Trouble::Usage(format!(
        "the secret has {} characters or one that never stands in it; it has {SECRET_LETTERS} of A-Z and 2-7, or {SPOKEN_DIGITS} digits",
        clean.chars().count()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "ABCDEFGHIJKLMNOPQRSTUVWX27";

    fn read(text: &str, issuer: Option<&str>) -> Result<(String, String), String> {
        let link = Link::parse(text, issuer).map_err(|e| e.to_string())?;
        Ok((link.issuer.clone(), link.secret.expose().clone()))
    }

    #[test]
    fn a_link_says_whose_it_is() {
        for issuer in [
            "https://id.example",
            "https://id.example/tenant",
            "http://localhost:8080",
            "http://[::1]:1",
        ] {
            let link = format!("{issuer}/authenticator#pair={SECRET}");
            assert_eq!(read(&link, None).unwrap(), (issuer.to_owned(), SECRET.to_owned()));
            assert_eq!(read(&format!(" {link}\n"), Some(issuer)).unwrap().0, issuer);
        }
        let link = format!("https://id.example/authenticator#pair={SECRET}");
        let said = read(&link, Some("https://other.example")).unwrap_err();
        assert!(said.contains("the link is of https://id.example"), "{said}");
    }

    #[test]
    fn what_was_typed_is_forgiven_blanks_hyphens_and_case() {
        let issuer = Some("https://id.example/");
        let typed = "abcd-efgh ijkl\tmnop-qrst-uvwx-27";
        assert_eq!(
            read(typed, issuer).unwrap(),
            ("https://id.example".to_owned(), SECRET.to_owned())
        );
        assert_eq!(read("1234 5678 9012", issuer).unwrap().1, "123456789012");
        assert!(read(typed, None).unwrap_err().contains("--issuer"));
    }

    #[test]
    fn what_is_no_link_and_no_secret_is_refused_and_not_repeated() {
        let issuer = Some("https://id.example");
        for wrong in [
            "",
            "ABC",
            "12345678901",
            "ABCDEFGHIJKLMNOPQRSTUVWX18",
            "АBCDEFGHIJKLMNOPQRSTUVWX2",
        ] {
            let said = read(wrong, issuer).unwrap_err();
            assert!(
                said.contains("26 of A-Z and 2-7") && (wrong.is_empty() || !said.contains(wrong)),
                "{said}"
            );
        }
        for wrong in [
            format!("http://id.example/authenticator#pair={SECRET}"),
            format!("https://id.example/other#pair={SECRET}"),
            format!("https://id.example/authenticator?pair={SECRET}"),
            format!("https://a:b@id.example/authenticator#pair={SECRET}"),
            format!("https://id.example\\@x/authenticator#pair={SECRET}"),
            format!("ftp://id.example/authenticator#pair={SECRET}"),
            format!("https://id.example?x=1/authenticator#pair={SECRET}"),
            "https://id.example/authenticator#pair=".to_owned(),
        ] {
            assert!(read(&wrong, None).is_err_and(|said| !said.contains(SECRET)), "{wrong}");
        }
    }
}

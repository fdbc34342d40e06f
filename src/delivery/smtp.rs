//! E-mail, handed to the operator's own server (RFC 5321, RFC 6409).
//!
//! One connection a letter: letters are few, and a connection that was left in the middle of something, when time ran
//! out, must not be used for another's.
//!
//! What becomes of the answers: 4xx is tried again until the letter's time is over; 5xx about the letter is final. What
//! refuses us and not the letter (greeting, TLS, login) is tried again whatever its number, for no letter should be
//! lost while somebody mends a setting. The text of an answer repeats addresses and is not written down: only its
//! number is, and the status code of RFC 3463.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};

use super::carrier::{CarrierError, Failure, Parcel};
use super::settings::{Security, SmtpSettings, anchors};
use super::wire::{self, Timeouts};

/// Servers of mail take their time before they have made up their mind about a letter (RFC 5321 §4.5.3.2.6 would have
/// us wait for ten minutes), and asking again too early sends it twice. As much as the worker allows.
const PATIENCE: u32 = 2;
/// How long we wait for the answer to our goodbye: it no longer matters.
const GOODBYE: Duration = Duration::from_secs(1);
/// Bytes of a header's line (RFC 5322 §2.1.1 ends at 998; a subject has its name before it and is encoded).
const LONGEST_SUBJECT: usize = 200;

pub struct Smtp {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    hello: ClientId,
    timeouts: Timeouts,
}

/// How far a conversation had come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Greeting,
    StartTls,
    Login,
    Letter,
}

impl Smtp {
    pub(super) fn open(settings: SmtpSettings, timeouts: Timeouts) -> Result<Self, CarrierError> {
        let tls = match settings.security {
            Security::Tls | Security::StartTls => Some(tls(&settings)?),
            Security::None => None,
        };
        Ok(Self {
            settings,
            tls,
            hello: ClientId::default(),
            timeouts,
        })
    }

    pub(super) async fn deliver(&self, parcel: &Parcel<'_>) -> Result<(), Failure> {
        let letter = compose(&self.settings, parcel)?;
        let sent = tokio::time::timeout(self.timeouts.total * PATIENCE, self.hand_over(&letter)).await;
        let mut connection = sent.unwrap_or_else(|_| Err(late()))?;
        // It has been taken; nothing that happens now takes that back.
        let _ = tokio::time::timeout(GOODBYE, connection.abort()).await;
        Ok(())
    }

    async fn hand_over(&self, letter: &Message) -> Result<AsyncSmtpConnection, Failure> {
        let mut connection = self.connect().await?;
        let sent = connection.send(letter.envelope(), &letter.formatted()).await;
        sent.map_err(|e| failure(Stage::Letter, &e))?;
        Ok(connection)
    }

    /// Connected, encrypted and logged in, as far as the settings say so.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let place = (self.settings.host.as_str(), self.settings.port);
        let at_once = self.tls.clone().filter(|_| self.settings.security == Security::Tls);
        let connected =
            AsyncSmtpConnection::connect_tokio1(place, Some(self.timeouts.connect), &self.hello, at_once, None).await;
        let mut connection = connected.map_err(|e| failure(Stage::Greeting, &e))?;
        if let Some(tls) = self
            .tls
            .clone()
            .filter(|_| self.settings.security == Security::StartTls)
        {
            let secured = connection.starttls(tls, &self.hello).await;
            secured.map_err(|e| failure(Stage::StartTls, &e))?;
        }
        if let Some(login) = &self.settings.login {
            let credentials = Credentials::new(login.username.clone(), login.password.expose().clone());
            // Both send the password as it is: the settings allow that over TLS or on this machine only.
            let answered = connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .await;
            answered.map_err(|e| failure(Stage::Login, &e))?;
        }
        Ok(connection)
    }
}

fn tls(settings: &SmtpSettings) -> Result<TlsParameters, CarrierError> {
    let fault = |e: Error| CarrierError(wire::short(&wire::deepest(&e)));
    let mut builder = TlsParametersBuilder::new(settings.host.clone());
    if let Some(path) = &settings.trust_anchor {
        let pem = anchors(path).map_err(CarrierError)?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(&pem).map_err(fault)?);
    }
    builder.build().map_err(fault)
}

/// The letter as it travels. At every try it is the same to the last byte.
fn compose(settings: &SmtpSettings, parcel: &Parcel<'_>) -> Result<Message, Failure> {
    let message = parcel.message;
    let to: Address = message
        .to
        .parse()
        .map_err(|_| Failure::permanent("this is no address that mail can be sent to"))?;
    let seconds = u64::try_from(parcel.created_at.secs()).unwrap_or_default();
    let mut letter = Message::builder()
        .from(settings.from.clone())
        .to(to.into())
        .subject(subject(message.subject.as_deref().unwrap_or_default()))
        .date(UNIX_EPOCH + Duration::from_secs(seconds))
        // RFC 5322 §3.6.4. The outbox's id: who receives a repetition knows it by that.
        .message_id(Some(format!("<{}@{}>", parcel.id, settings.from.email.domain())))
        // RFC 3834 §5: no machine answers it, so no notice of absence comes back.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    if let Some(reply_to) = &settings.reply_to {
        letter = letter.reply_to(reply_to.clone());
    }
    let plain = SinglePart::plain(message.body.clone());
    let built = match &message.html {
        None => letter.singlepart(plain),
        // RFC 2046 §5.1.4: the last is the best. "=_" cannot stand in what is quoted-printable or base64 (RFC 2045
        // §6.7), and nobody who wrote a part of the letter knew its id.
        Some(html) => letter.multipart(
            MultiPart::alternative()
                .boundary(format!("=_{}", parcel.id))
                .singlepart(plain)
                .singlepart(SinglePart::html(html.clone())),
        ),
    };
    built.map_err(|_| Failure::permanent("it cannot be written as a letter"))
}

/// One line: whatever somebody put into it, no header begins there.
fn subject(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST_SUBJECT).collect()
}

fn late() -> Failure {
    Failure::passing("the mail server did not answer in time")
}

fn failure(stage: Stage, error: &Error) -> Failure {
    if error.is_timeout() {
        return late();
    }
    if error.is_client() {
        return unable(stage);
    }
    if error.is_response() {
        return Failure::passing("what the mail server answered is not SMTP");
    }
    let Some(status) = error.status() else {
        let why = format!("the mail server cannot be reached ({})", wire::deepest(error));
        return Failure::passing(wire::short(&why));
    };
    let code = status.to_string();
    let why = format!("the mail server answered {code}{}{}", detail(error), stage.place());
    // RFC 4954 §6: these ask for a login, or refuse it.
    let about_us = stage != Stage::Letter || ["530", "534", "535", "538"].contains(&code.as_str());
    if error.is_permanent() && !about_us {
        Failure::permanent(why)
    } else {
        Failure::passing(why)
    }
}

/// What the server does not offer.
fn unable(stage: Stage) -> Failure {
    match stage {
        Stage::Greeting => Failure::passing("the mail server cannot be talked to"),
        Stage::StartTls => Failure::passing("the mail server does not offer STARTTLS, so nothing was sent"),
        Stage::Login => Failure::passing("the mail server offers no login that we know (PLAIN, LOGIN)"),
        // RFC 6531 §3.2: only an address outside ASCII gets here; our letters are ASCII when they travel.
        Stage::Letter => Failure::permanent("the mail server takes no address with other than ASCII letters"),
    }
}

impl Stage {
    const fn place(self) -> &'static str {
        match self {
            Self::Greeting => " as a greeting",
            Self::StartTls => " to STARTTLS",
            Self::Login => " to our login",
            Self::Letter => "",
        }
    }
}

/// The status code at the beginning of the answer's text (RFC 2034 §4): three numbers, and nothing else of it.
fn detail(error: &Error) -> String {
    let said = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    let word = said.split_whitespace().next().unwrap_or_default();
    let numbers: Vec<&str> = word.split('.').collect();
    let fine = |n: &&str| (1..=3).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
    if numbers.len() == 3 && numbers.iter().all(fine) {
        format!(" {word}")
    } else {
        String::new()
    }
}

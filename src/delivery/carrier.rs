//! Who takes a message away, and what they may answer. A new carrier is one file and one variant.

use std::sync::Arc;

use super::backchannel::{Backchannel, Partners};
use super::outbound::Outbound;
use super::ping::Ping;
use super::push::Push;
use super::settings::{Delivery, Transport};
use super::smtp::Smtp;
use super::twilio::Twilio;
use super::webhook::Webhook;
use super::wire::Timeouts;
use crate::base::{Entropy, MessageId, Seconds, Timestamp};
use crate::factors::{Channel, Message};
use crate::model::PushAddress;

pub enum Carrier {
    /// Stays here: the sandbox shows it.
    Outbox,
    Twilio(Twilio),
    Webhook(Webhook),
    Smtp(Box<Smtp>),
    /// To phones, each by the service of its maker or its browser.
    Push(Box<Push>),
    /// To partners.
    Backchannel(Backchannel),
    /// To clients that wait for somebody's answer.
    Ping(Ping),
}

/// A message on its way. Not `Debug`: it holds the code.
pub struct Parcel<'a> {
    /// The same at every try: carriers that can, know a repetition by it.
    pub id: &'a MessageId,
    pub message: &'a Message,
    pub now: Timestamp,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub entropy: &'a dyn Entropy,
}

/// What became of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The carrier has taken it; whether the phone rang, it knows later, if ever.
    Delivered {
        /// The carrier's own name for it, for questions to their support.
        reference: Option<String>,
    },
    Failed(Failure),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How long the carrier wants to be left alone.
    pub retry_after: Option<Seconds>,
    /// Would fail again just so.
    pub permanent: bool,
    /// It is this message or its recipient that is not taken: the carrier would take another.
    pub of_recipient: bool,
    /// The recipient's address for push messages is dead, and is to be forgotten.
    pub gone: bool,
    /// For log and audit: no code, no text, no number.
    pub why: String,
}

impl Failure {
    /// May go well later.
    pub fn passing(why: impl Into<String>) -> Self {
        Self {
            permanent: false,
            ..Self::permanent(why)
        }
    }

    pub fn permanent(why: impl Into<String>) -> Self {
        Self {
            retry_after: None,
            permanent: true,
            of_recipient: false,
            gone: false,
            why: why.into(),
        }
    }

    /// Its push service knows this address no more.
    pub fn gone(why: impl Into<String>) -> Self {
        Self {
            of_recipient: true,
            gone: true,
            ..Self::permanent(why)
        }
    }
}

/// The client cannot be made: as a rule trusted certificates cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("no client for delivery can be made: {0}")]
pub struct CarrierError(pub(super) String);

impl Carrier {
    fn open(transport: &Transport, outbound: &Outbound, timeouts: Timeouts) -> Result<Self, CarrierError> {
        Ok(match transport {
            Transport::Outbox => Self::Outbox,
            Transport::Twilio(settings) => Self::Twilio(Twilio::open(settings.clone(), timeouts)?),
            Transport::Webhook(settings) => Self::Webhook(Webhook::open(settings.clone(), timeouts)?),
            Transport::Smtp(settings) => Self::Smtp(Box::new(Smtp::open((**settings).clone(), timeouts)?)),
            Transport::Push(settings) => Self::Push(Box::new(Push::open(settings, outbound, timeouts)?)),
        })
    }

    /// As log and audit call what takes this message.
    pub fn name(&self, message: &Message) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Twilio(_) => "twilio",
            Self::Webhook(_) => "webhook",
            Self::Smtp(_) => "smtp",
            Self::Ping(_) => "ping",
            Self::Push(_) => message.push.as_ref().map_or("push", PushAddress::kind),
            Self::Backchannel(_) => "backchannel",
        }
    }

    pub async fn deliver(&self, parcel: &Parcel<'_>) -> Outcome {
        let taken = match self {
            Self::Outbox => Ok(None),
            Self::Twilio(twilio) => twilio.deliver(parcel).await,
            Self::Webhook(webhook) => webhook.deliver(parcel).await,
            Self::Smtp(smtp) => smtp.deliver(parcel).await.map(|()| None),
            Self::Ping(ping) => ping.deliver(parcel).await.map(|()| None),
            Self::Push(push) => push.deliver(parcel).await,
            Self::Backchannel(partners) => partners.deliver(parcel).await.map(|()| None),
        };
        match taken {
            Ok(reference) => Outcome::Delivered { reference },
            Err(failure) => Outcome::Failed(failure),
        }
    }
}

/// One a channel.
pub struct Carriers {
    sms: Option<Carrier>,
    voice: Option<Carrier>,
    email: Option<Carrier>,
    push: Option<Carrier>,
    logout: Option<Carrier>,
    ping: Carrier,
}

impl Carriers {
    /// `outbound`: how addresses are reached that others have named.
    pub fn open(delivery: &Delivery, outbound: &Outbound, timeouts: Timeouts) -> Result<Self, CarrierError> {
        let open = |transport| Carrier::open(transport, outbound, timeouts).map(Some);
        Ok(Self {
            sms: open(&delivery.sms)?,
            voice: open(&delivery.voice)?,
            email: open(&delivery.email)?,
            push: open(&delivery.push)?,
            logout: None,
            ping: Carrier::Ping(Ping(outbound.clone())),
        })
    }

    /// With partners that are told when a session ends.
    #[must_use]
    pub fn telling(mut self, partners: Arc<dyn Partners>, outbound: Outbound) -> Self {
        self.logout = Some(Carrier::Backchannel(Backchannel::new(partners, outbound)));
        self
    }

    /// Outside the sandbox nobody looks into the outbox: what would stay there is given up instead, and recorded so.
    pub fn without_outbox(self) -> Self {
        let leaves = |carrier: Option<Carrier>| carrier.filter(|c| !matches!(c, Carrier::Outbox));
        Self {
            sms: leaves(self.sms),
            voice: leaves(self.voice),
            email: leaves(self.email),
            push: leaves(self.push),
            logout: self.logout,
            ping: self.ping,
        }
    }

    /// `None`: nothing here can take such a message.
    pub const fn of(&self, channel: Channel) -> Option<&Carrier> {
        match channel {
            Channel::Sms => self.sms.as_ref(),
            Channel::Voice => self.voice.as_ref(),
            Channel::Email => self.email.as_ref(),
            Channel::Push => self.push.as_ref(),
            Channel::Logout => self.logout.as_ref(),
            Channel::Ping => Some(&self.ping),
        }
    }
}

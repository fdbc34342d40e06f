//! The factor without pages: one site, one person, and what goes to and fro between them and their keys.

use countersign::base::{AuthenticatorId, Clock, Secret, SystemClock, SystemEntropy, Timestamp, UserId};
use countersign::factors::webauthn::models::{Models, Rules};
use countersign::factors::webauthn::{Webauthn, metadata};
use countersign::factors::{
    Answer, Ask, Credential, Cx, Factor, Fresh, Kept, Opening, Person, Proved, Site, Verdict, Wanted,
};
use countersign::model::MfaCode;
use countersign::model::authenticator::{Facts, KeyFacts};
use serde_json::Value;

use crate::security_key::SecurityKey;

pub const HOME: &str = "https://id.example.org";

pub struct Desk {
    pub site: Site,
    pub models: Models,
    pub now: Timestamp,
    pub person: UserId,
}

/// A challenge that is open.
pub struct Open {
    pub kept: Kept,
    pub options: String,
}

impl Desk {
    pub fn new() -> Self {
        Self::at(HOME)
    }

    pub fn at(issuer: &str) -> Self {
        Self {
            site: Site {
                name: "Cedar Health ID".into(),
                issuer: issuer.to_owned(),
                host: issuer.trim_start_matches("https://").to_owned(),
            },
            models: Models::default(),
            now: SystemClock::default().now(),
            person: UserId::new("u-rivera"),
        }
    }

    /// The same with what a bare payload says, and the operator's lists.
    pub fn knowing(payload: &Value, rules: Rules) -> Self {
        let desk = Self::new();
        let known = metadata::read(payload.to_string().as_bytes(), None, desk.now).unwrap();
        Self {
            models: Models::new(known, rules),
            ..desk
        }
    }

    pub fn cx(&self) -> Cx<'_> {
        Cx {
            now: self.now,
            entropy: &SystemEntropy,
            site: &self.site,
            models: &self.models,
        }
    }

    /// Begins to set a key up beside those that are held.
    pub fn try_begin(&self, held: &[Credential]) -> Result<Open, MfaCode> {
        let person = Person {
            id: &self.person,
            username: "rivera",
            display_name: "Ana Rivera",
        };
        let start = Webauthn.start_enrolment(&self.cx(), &person, held, &Wanted::Nothing)?;
        Ok(Open {
            options: Webauthn.show_enrolment(&self.cx(), &start.kept),
            kept: start.kept,
        })
    }

    pub fn begin(&self, held: &[Credential]) -> Open {
        self.try_begin(held).unwrap()
    }

    pub fn finish(&self, open: &Open, answer: String) -> Result<Fresh, MfaCode> {
        Webauthn.finish_enrolment(&self.cx(), &open.kept, &Answer::Key(answer))
    }

    pub fn enrol(&self, key: &mut SecurityKey) -> Result<Fresh, MfaCode> {
        let open = self.begin(&[]);
        let answer = key.create(&open.options, HOME);
        self.finish(&open, answer)
    }

    /// What the registration showed.
    pub fn facts(&self, key: &mut SecurityKey) -> KeyFacts {
        self.enrol(key).unwrap().facts.key.unwrap()
    }

    pub fn credential(&self, id: &str, key: &mut SecurityKey) -> Credential {
        held(id, self.enrol(key).unwrap())
    }

    pub fn ask(&self, acceptable: &[Credential], verify_user: bool) -> Open {
        let nobody = Credential {
            id: AuthenticatorId::new(""),
            nickname: None,
            secret: Secret::new(Vec::new()),
            last_step: None,
            facts: Facts::default(),
        };
        let ask = Ask {
            selected: acceptable.first().unwrap_or(&nobody),
            acceptable,
            verify_user,
        };
        let Opening { kept, show, .. } = Webauthn.open(&self.cx(), &ask);
        Open {
            kept: kept.unwrap().0,
            options: show.unwrap(),
        }
    }

    pub fn check(&self, open: &Open, all: &[Credential], answer: String) -> Verdict {
        Webauthn.check(&self.cx(), Some(&open.kept), &all[0], all, &Answer::Key(answer))
    }

    /// Asks for the keys, lets one answer, checks it.
    pub fn sign_in(&self, all: &[Credential], key: &mut SecurityKey, verify_user: bool) -> Verdict {
        let open = self.ask(all, verify_user);
        let answer = key.get(&open.options, HOME);
        self.check(&open, all, answer)
    }

    pub fn proved(&self, all: &[Credential], key: &mut SecurityKey) -> Proved {
        proved(self.sign_in(all, key, false))
    }
}

/// What the ceremony makes of what was confirmed.
pub fn held(id: &str, fresh: Fresh) -> Credential {
    Credential {
        id: AuthenticatorId::new(id),
        nickname: Some(fresh.nickname),
        secret: fresh.secret,
        last_step: fresh.last_step,
        facts: fresh.facts,
    }
}

#[track_caller]
pub fn proved(verdict: Verdict) -> Proved {
    match verdict {
        Verdict::Proved(proved) => proved,
        other => panic!("not proved: {other:?}"),
    }
}

/// Refused with this event, by a key that is known, for a reason with these words in it.
#[track_caller]
pub fn refused(verdict: Verdict, code: MfaCode, event: &str, words: &str) {
    let Verdict::Refused {
        code: had,
        event: was,
        reason,
        by,
    } = verdict
    else {
        panic!("not refused: {verdict:?}")
    };
    assert_eq!((had, was), (code, event), "{reason}");
    assert!(reason.contains(words), "{reason}");
    assert!(by.is_some(), "it is known which key it was");
}

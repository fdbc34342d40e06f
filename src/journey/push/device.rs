//! What a device asks: who it is has to be shown first, then what waits for it.

use serde_json::{Map, Value};

use super::{Refusal, kept};
use crate::base::encoding::{base64url, same, sha256};
use crate::base::{AuthenticatorId, Seconds, Timestamp, UserId};
use crate::factors::push::enrol::Pairing;
use crate::factors::push::{DIGITS, Device, Question};
use crate::journey::ceremony::unseal;
use crate::journey::enrolment;
use crate::journey::provider::Provider;
use crate::keys::claims::{Expected, Expiry, TypRule, Verified};
use crate::keys::{Alg, Jwk, JwkSet, jose};
use crate::model::push_request::{PushRequest, RequestState};
use crate::model::{Authenticator, AuthenticatorStatus, Enrolment, UserStatus};
use crate::policy::Method;
use crate::storage::Tx;

/// How far a device's clock may be off: phones are, and nothing here lives so short that it would matter.
pub const SKEW: Seconds = Seconds::minutes(5);

/// An HTTP request that says whose it is.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    pub method: &'a str,
    /// Without query and fragment.
    pub url: String,
    pub body: &'a [u8],
    /// What stood behind `Authorization: Device`.
    pub proof: &'a str,
}

/// Whose call it is.
pub(super) struct Caller {
    pub id: String,
    pub user: UserId,
    pub known: Known,
    pub key: Device,
}

pub(super) enum Known {
    Bound(Box<Authenticator>),
    /// It has redeemed the secret of a pairing, and is not confirmed.
    Pending(Box<Enrolment>, Box<Pairing>),
}

/// A request that waits, as the list has it.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub id: String,
    pub kind: &'static str,
    pub expires_at: Timestamp,
}

/// A request as the device gets it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub id: String,
    pub nonce: String,
    pub expires_at: Timestamp,
    pub digits: u32,
    pub context: String,
}

impl Caller {
    /// The person, while there is somebody to answer for.
    async fn find(op: &Provider, tx: &mut Tx, id: &str) -> Result<Self, Refusal> {
        let known = find(op, tx, id).await?.ok_or(Refusal::Unregistered)?;
        let user = tx.user(&known.user).await?;
        if user.is_none_or(|u| u.status != UserStatus::Active) {
            return Err(Refusal::Unregistered);
        }
        Ok(known)
    }

    /// What its owner calls it.
    pub fn name(&self) -> &str {
        match &self.known {
            Known::Bound(a) => a.label(),
            Known::Pending(_, pairing) => pairing.device.as_ref().map_or("", |paired| &paired.name),
        }
    }

    /// May it answer? A device that was put aside may only ask how it stands, and leave.
    pub fn may_answer(&self) -> bool {
        match &self.known {
            Known::Bound(a) => a.status == AuthenticatorStatus::Active,
            Known::Pending(..) => true,
        }
    }
}

pub(super) async fn find(op: &Provider, tx: &mut Tx, id: &str) -> Result<Option<Caller>, Refusal> {
    if let Some(a) = tx
        .authenticator(&AuthenticatorId::new(id))
        .await?
        .filter(|a| a.method == Method::Push)
    {
        let key = unseal(op, &a).as_ref().and_then(Device::read);
        return Ok(key.map(|key| Caller {
            id: id.to_owned(),
            user: a.user.clone(),
            known: Known::Bound(Box::new(a)),
            key,
        }));
    }
    let pending = tx.pending_enrolment(id).await?;
    let Some(e) = pending.filter(|e| e.method == Method::Push && e.expires_at > op.now()) else {
        return Ok(None);
    };
    let pairing = enrolment::unseal(op, &e).as_ref().and_then(Pairing::read);
    // Refused, or not confirmed in three tries: there is nothing left of it.
    let request = match pairing.as_ref().and_then(|p| p.device.as_ref()) {
        Some(paired) => tx.push_request(&paired.request).await?,
        None => None,
    };
    let lives = |r: &PushRequest| matches!(r.state, RequestState::Waiting | RequestState::Approved);
    if !request.as_ref().is_some_and(lives) {
        return Ok(None);
    }
    let key = pairing
        .as_ref()
        .and_then(|p| p.device.as_ref())
        .map(|d| d.device.clone());
    Ok(pairing.zip(key).map(|(pairing, key)| Caller {
        id: id.to_owned(),
        user: e.user.clone(),
        known: Known::Pending(Box::new(e), Box::new(pairing)),
        key,
    }))
}

/// A JWS of this device. Which one it claims to be is looked up before anything is believed.
pub(super) async fn signed(
    op: &Provider,
    tx: &mut Tx,
    jws: &str,
    typ: &'static str,
) -> Result<(Caller, Verified), Refusal> {
    let kid = jose::unverified_kid(jws)?.ok_or(Refusal::Invalid("`kid` must name the device"))?;
    if !is_name(&kid) {
        return Err(Refusal::Unregistered);
    }
    let caller = Caller::find(op, tx, &kid).await?;
    let verified = verify(op, jws, typ, &caller)?;
    fresh(&verified, op.now())?;
    Ok((caller, verified))
}

/// The signature and whom it is meant for; not when.
pub(super) fn verify(op: &Provider, jws: &str, typ: &'static str, caller: &Caller) -> Result<Verified, Refusal> {
    let key = public_key(&caller.id, &caller.key).ok_or(Refusal::Signature)?;
    Ok(jose::verify(
        jws,
        &JwkSet {
            keys: vec![key],
            ..JwkSet::default()
        },
        &expected(op, &[typ], &[&op.issuer.url]),
    )?)
}

pub(super) fn expected<'a>(op: &Provider, typ: &'a [&'a str], audience: &'a [&'a str]) -> Expected<'a> {
    Expected {
        algs: &[Alg::Es256],
        typ: TypRule::OneOf(typ),
        issuer: None,
        audience: Some(audience),
        expiry: Expiry::Ignored,
        // What is too far ahead is told apart below: the device has to be told that its clock is off.
        now: op.now().plus(Seconds::days(3650)),
    }
}

/// Could this be a name that was given here? Others are not worth a query, and PostgreSQL knows no NUL.
fn is_name(text: &str) -> bool {
    text.len() <= 128 && text.bytes().all(|b| b.is_ascii_graphic())
}

/// A request that was sent to this very device.
pub(super) async fn own(tx: &mut Tx, caller: &Caller, id: &str) -> Result<PushRequest, Refusal> {
    if !is_name(id) {
        return Err(Refusal::RequestUnknown);
    }
    let found = tx.push_request(id).await?;
    found
        .filter(|r| r.device == caller.id && r.user == caller.user)
        .ok_or(Refusal::RequestUnknown)
}

fn public_key(id: &str, device: &Device) -> Option<Jwk> {
    let members = [
        ("kty", "EC"),
        ("crv", "P-256"),
        ("kid", id),
        ("x", &device.x),
        ("y", &device.y),
    ];
    let object: Map<String, Value> = members.into_iter().map(|(k, v)| (k.to_owned(), v.into())).collect();
    Jwk::from_value(&Value::Object(object)).ok()
}

/// RFC 7519 §4.1.6, with room for phones.
pub(super) fn fresh(verified: &Verified, now: Timestamp) -> Result<Timestamp, Refusal> {
    let said = verified.moment("iat")?.ok_or(Refusal::Invalid("`iat` is missing"))?;
    if said.older_than(SKEW, now) || said > now.plus(SKEW) {
        return Err(Refusal::ClockSkew);
    }
    Ok(said)
}

/// Whose HTTP request it is (`countersign-device+jwt`). What changes something may be said once.
pub(super) async fn caller(op: &Provider, tx: &mut Tx, call: &Call<'_>) -> Result<Caller, Refusal> {
    let (caller, proof) = signed(op, tx, call.proof, "countersign-device+jwt").await?;
    if proof.text("htm") != Some(call.method) || proof.text("htu") != Some(&call.url) {
        return Err(Refusal::Invalid("`htm` and `htu` must be this request's"));
    }
    let jti = proof.text("jti").filter(|jti| jti.len() >= 16 && is_name(jti));
    let jti = jti.ok_or(Refusal::Invalid("`jti` must have at least 128 random bits"))?;
    let hash = base64url(&sha256(call.body));
    let body = proof.text("bh").unwrap_or_default();
    if !call.body.is_empty() && !same(body.as_bytes(), hash.as_bytes()) {
        return Err(Refusal::Invalid("`bh` must be the SHA-256 of the body"));
    }
    if call.method != "GET" {
        let key = format!("device {} {jti}", caller.id);
        // As long as its `iat` would be taken.
        if !tx.spend_once(&key, op.now().plus(Seconds(SKEW.0 * 2))).await? {
            return Err(Refusal::Replayed);
        }
    }
    Ok(caller)
}

pub(super) async fn answering(op: &Provider, tx: &mut Tx, call: &Call<'_>) -> Result<Caller, Refusal> {
    let caller = caller(op, tx, call).await?;
    if caller.may_answer() {
        Ok(caller)
    } else {
        Err(Refusal::Unregistered)
    }
}

/// The device behind a call, by its name: to listen for what waits for it.
pub async fn listener(op: &Provider, call: &Call<'_>) -> Result<String, Refusal> {
    let mut tx = view(op).await?;
    Ok(answering(op, &mut tx, call).await?.id)
}

pub(super) async fn view(op: &Provider) -> Result<Tx, Refusal> {
    Ok(op.store.view().await?)
}

/// What waits on a device, the newest first. Whoever listens is looked at each time: it may be gone by now.
pub async fn waiting(op: &Provider, device: &str) -> Result<Vec<Waiting>, Refusal> {
    let mut tx = view(op).await?;
    let caller = Caller::find(op, &mut tx, device).await?;
    if !caller.may_answer() {
        return Err(Refusal::Unregistered);
    }
    let requests = tx.waiting_requests(device, op.now()).await?;
    let pending = matches!(caller.known, Known::Pending(..));
    let listed = requests.into_iter().map(|r| Waiting {
        id: r.id,
        kind: if pending { "pairing" } else { "sign_in" },
        expires_at: r.expires_at,
    });
    Ok(listed.collect())
}

pub async fn request(op: &Provider, call: &Call<'_>, id: &str) -> Result<Shown, Refusal> {
    let mut tx = view(op).await?;
    let caller = answering(op, &mut tx, call).await?;
    let request = own(&mut tx, &caller, id).await?;
    over(&request, op.now())?;
    let question = kept(op, &request).as_ref().and_then(Question::read);
    let question = question.ok_or(Refusal::RequestUnknown)?;
    Ok(Shown {
        id: request.id,
        nonce: question.nonce,
        expires_at: request.expires_at,
        digits: if question.number.is_some() { DIGITS } else { 0 },
        context: base64url(question.context.as_bytes()),
    })
}

/// A request that can be answered no more.
pub(super) fn over(request: &PushRequest, now: Timestamp) -> Result<(), Refusal> {
    match request.state {
        RequestState::Waiting if request.expires_at > now => Ok(()),
        RequestState::Waiting | RequestState::Withdrawn => Err(Refusal::Expired),
        _ => Err(Refusal::Answered),
    }
}

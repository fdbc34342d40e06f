//! An API takes tokens that are bound to a key or a certificate, and looks at what the caller holds (RFC 9449 §7, RFC 8705 §3).

use countersign::keys::JwkSet;
use countersign::protocol::errors::ErrorCode;
use countersign::resource_server::{Call, Refusal, Remembered, ResourceServer, Source, Token};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::certificates::{Authority, Identity, Mutual, client};
use crate::harness::Op;
use crate::key_holder::{Holder, ath};
use crate::relying_party::{Auth, BASIC, Rp, Tokens, jwks, rp_of};
use crate::workspace::PAT;

static APP: Rp = rp_of("app", "https://app.example/cb", Auth::Public);
static SPA: &Rp = &crate::relying_party::SPA;

const URL: &str = "https://api.example/prescriptions";

/// The API: it knows the issuer's address and keys, and nothing of the provider's insides.
struct Api {
    op: Op,
    keys: JwkSet,
    replays: Remembered,
}

impl Api {
    async fn of(op: &Op) -> Self {
        Self {
            op: op.clone(),
            keys: JwkSet::from_value(&jwks(op).await).unwrap(),
            replays: Remembered::new(100),
        }
    }

    async fn asked(&self, call: Call<'_>) -> Result<Token, Refusal> {
        let server = ResourceServer::new(&self.op.issuer, &self.op.issuer);
        server.admit(&call, Source::Keys(&self.keys), &self.replays, self.op.now().await)
    }
}

/// A GET with nothing but this.
const fn plain<'a>(authorization: &'a [&'a str]) -> Call<'a> {
    Call {
        authorization,
        dpop: &[],
        method: "GET",
        url: URL,
        certificate: None,
        nonces: None,
    }
}

#[track_caller]
fn is_refused(refused: Result<Token, Refusal>, code: ErrorCode, scheme: &str) {
    let refusal = refused.expect_err("it is let in");
    let challenge = refusal.challenge("api");
    assert_eq!(
        (refusal.status(), challenge.error.as_ref().unwrap().code),
        (401, code),
        "{refusal}"
    );
    assert!(challenge.to_string().starts_with(scheme), "{challenge}");
}

/// A token that is bound to the key of its holder, and the API that it is for.
struct Bound {
    api: Api,
    holder: Holder,
    token: String,
    subject: String,
}

impl Bound {
    async fn start() -> Self {
        let op = Op::start().await;
        let (holder, ask) = (Holder::new(), SPA.ask());
        let answer = Browser::new(&op).sign_in(&ask, &PAT).await;
        let proof = [holder.proof(&op, "/token").await];
        let tokens = Tokens::of(&op, SPA, ask.redeem_with(&op, answer.code(), &proof).await).await;
        Self {
            api: Api::of(&op).await,
            holder,
            token: tokens.access_token().to_owned(),
            subject: tokens.id["sub"].as_str().unwrap().to_owned(),
        }
    }

    /// For the call, with other claims in place of the right ones.
    async fn proof(&self, holder: &Holder, other: Value) -> String {
        let mut right = json!({"htu": URL, "ath": ath(&self.token)});
        right
            .as_object_mut()
            .unwrap()
            .extend(other.as_object().unwrap().clone());
        holder.proof_with(&self.api.op, "GET", "/", &right).await
    }

    async fn call(&self, scheme: &str, proofs: &[&str], nonces: Option<&[&str]>) -> Result<Token, Refusal> {
        let authorization = format!("{scheme} {}", self.token);
        let authorization = [authorization.as_str()];
        let call = Call {
            dpop: proofs,
            nonces,
            ..plain(&authorization)
        };
        self.api.asked(call).await
    }
}

#[tokio::test]
async fn a_token_that_is_bound_to_a_key_is_taken_with_a_proof_for_this_very_call_once() {
    let bound = Bound::start().await;
    let good = bound.proof(&bound.holder, json!({})).await;
    let token = bound.call("DPoP", &[&good], None).await.unwrap();
    assert_eq!(
        (token.subject, token.bound_to.jkt),
        (bound.subject.clone(), Some(bound.holder.jkt()))
    );
    is_refused(
        bound.call("DPoP", &[&good], None).await,
        ErrorCode::InvalidDpopProof,
        "DPoP",
    );
    let now = bound.api.op.now().await.secs();
    for other in [
        json!({"htu": "https://api.example/other"}),
        json!({"htm": "POST"}),
        json!({"ath": ath("other")}),
        json!({"ath": null}),
        json!({"iat": now - 120}),
        json!({"iat": now + 120}),
        json!({"jti": null}),
    ] {
        let bad = bound.proof(&bound.holder, other).await;
        is_refused(
            bound.call("DPoP", &[&bad], None).await,
            ErrorCode::InvalidDpopProof,
            "DPoP",
        );
    }
}

#[tokio::test]
async fn without_the_key_that_it_is_bound_to_a_token_is_worth_nothing() {
    let bound = Bound::start().await;
    let theirs = bound.proof(&Holder::new(), json!({})).await;
    let good = bound.proof(&bound.holder, json!({})).await;
    for (scheme, proofs, code) in [
        ("DPoP", &[theirs.as_str()][..], ErrorCode::InvalidToken),
        ("DPoP", &[good.as_str(), good.as_str()], ErrorCode::InvalidDpopProof),
        ("DPoP", &[], ErrorCode::InvalidDpopProof),
        // RFC 9449 §7.2.
        ("Bearer", &[good.as_str()], ErrorCode::InvalidToken),
        ("Bearer", &[], ErrorCode::InvalidToken),
    ] {
        is_refused(bound.call(scheme, proofs, None).await, code, "DPoP");
    }
    // None of it has used up the proof.
    assert!(bound.call("DPoP", &[&good], None).await.is_ok());
}

#[tokio::test]
async fn an_api_may_want_nonces_of_its_own() {
    let bound = Bound::start().await;
    let nonces = ["n-0", "n-1"];
    for (other, good) in [
        (json!({}), false),
        (json!({"nonce": "n-2"}), false),
        (json!({"nonce": "n-1"}), true),
    ] {
        let proof = bound.proof(&bound.holder, other).await;
        let admitted = bound.call("DPoP", &[&proof], Some(&nonces)).await;
        if good {
            assert!(admitted.is_ok());
        } else {
            is_refused(admitted, ErrorCode::UseDpopNonce, "DPoP");
        }
    }
}

#[tokio::test]
async fn a_token_that_is_bound_to_nothing_is_taken_as_it_is() {
    let op = Op::start().await;
    let tokens = Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    let api = Api::of(&op).await;
    let (bearer, dpop) = (
        format!("Bearer {}", tokens.access_token()),
        format!("DPoP {}", tokens.access_token()),
    );
    let call = plain(&[]);
    assert!(
        api.asked(Call {
            authorization: &[&bearer],
            ..call
        })
        .await
        .is_ok()
    );
    is_refused(
        api.asked(Call {
            authorization: &[&dpop],
            ..call
        })
        .await,
        ErrorCode::InvalidToken,
        "DPoP",
    );
    assert_eq!(api.asked(call).await.unwrap_err(), Refusal::NoToken);
}

#[tokio::test]
async fn a_token_that_is_bound_to_a_certificate_is_taken_with_that_certificate() {
    let (identity, thief) = (Identity::self_signed(), Identity::self_signed());
    let bound =
        "token_endpoint_auth_method = \"none\"\ntls_client_certificate_bound_access_tokens = true\nscope = \"openid\"";
    let mutual = Mutual::start(&Authority::new(), &client("app", bound)).await;
    let op = &mutual.op;
    let tokens = Tokens::of(op, &APP, mutual.redeem(Some(&identity), &APP.ask()).await).await;
    let bearer = format!("Bearer {}", tokens.access_token());
    let (api, authorization) = (Api::of(op).await, [bearer.as_str()]);
    let call = plain(&authorization);
    let with = |der| Call {
        certificate: Some(der),
        ..call
    };
    let token = api.asked(with(&identity.der)).await.unwrap();
    assert_eq!(token.bound_to.x5t_s256, Some(identity.thumbprint()));
    is_refused(api.asked(with(&thief.der)).await, ErrorCode::InvalidToken, "Bearer");
    is_refused(api.asked(call).await, ErrorCode::InvalidToken, "Bearer");
    // By introspection it is the same.
    let fields = [("token", tokens.access_token())];
    let said = json!({"active": true, "aud": op.issuer, "sub": "s", "client_id": "app", "exp": tokens.access["exp"],
                      "cnf": tokens.access["cnf"]});
    assert_eq!(with(&identity.der).token().unwrap(), fields[0].1);
    let server = ResourceServer::new(&op.issuer, &op.issuer);
    let now = op.now().await;
    for (der, good) in [(&identity.der, true), (&thief.der, false)] {
        let admitted = server.admit(&with(der), Source::Introspection(&said), &api.replays, now);
        assert_eq!(admitted.is_ok(), good);
    }
    // Without a look at the certificate nobody is let in.
    is_refused(
        server.verify(tokens.access_token(), &api.keys, now),
        ErrorCode::InvalidToken,
        "Bearer",
    );
}

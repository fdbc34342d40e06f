//! What one operation costs by itself, without HTTP, database and waiting: `cargo bench --bench micro`.

use std::hint::black_box;
use std::time::Duration;

use countersign::base::encoding::hash_token;
use countersign::base::{AuthenticatorId, CeremonyId, EventId, Seconds, Timestamp};
use countersign::factors::password;
use countersign::keys::{Alg, Expected, Expiry, Jwk, JwkSet, KeyPair, Kind, TypRule, jose};
use countersign::policy::{
    AcrTable, Enrolled, Evidence, FactorEvent, Method, Policy, Proof, RequestDemand, Requirement, decide,
};
use countersign::web::page::{Frame, Page, Pages};
use countersign::web::pages::SignIn;
use criterion::Criterion;
use serde_json::{Value, json};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const EPCS: &str = "urn:countersign:acr:epcs";

fn main() -> Result<()> {
    let mut c = Criterion::default().configure_from_args();
    tokens(&mut c)?;
    policy(&mut c);
    pages(&mut c)?;
    c.bench_function("SHA-256 of a token, as stored", |b| {
        b.iter(|| hash_token(black_box("a-token-of-forty-three-characters-in-length")));
    });
    let mut slow = c.benchmark_group("slow on purpose");
    slow.sample_size(20).measurement_time(Duration::from_secs(4));
    slow.bench_function("Argon2id, 19 MiB, two passes", |b| {
        b.iter(|| password::pretend(black_box("correct horse battery staple")));
    });
    slow.finish();
    c.final_summary();
    Ok(())
}

/// An ID token of common size.
fn claims() -> Value {
    json!({
        "iss": "https://id.example.org", "sub": "u-9f0c5f7d2b8c4e6a", "aud": "cedar-ehr", "iat": NOW.secs(),
        "exp": NOW.secs() + 600, "auth_time": NOW.secs(), "nonce": "a-nonce-of-some-length", "acr": EPCS,
        "amr": ["pwd", "otp", "mfa"], "at_hash": "77QmUPtjPfzWtF2AnpK9RQ", "sid": "a-session-identifier"
    })
}

fn tokens(c: &mut Criterion) -> Result<()> {
    let pair = KeyPair::generate(Kind::P256)?;
    let (header, claims) = (json!({"alg": "ES256", "typ": "JWT", "kid": "k"}), claims());
    c.bench_function("ES256, sign claims", |b| {
        b.iter(|| pair.sign_compact(Alg::Es256, &header, black_box(&claims)));
    });
    let token = pair.sign_compact(Alg::Es256, &header, &claims)?;
    let mut jwk = Jwk::from_value(&Value::Object(pair.public().to_members()))?;
    jwk.kid = Some("k".to_owned());
    let keys = JwkSet {
        keys: vec![jwk],
        ..JwkSet::default()
    };
    let expected = Expected {
        algs: &[Alg::Es256],
        typ: TypRule::OneOf(&["JWT"]),
        issuer: Some("https://id.example.org"),
        audience: Some(&["cedar-ehr"]),
        expiry: Expiry::Required,
        now: NOW,
    };
    jose::verify(&token, &keys, &expected)?;
    c.bench_function("ES256, verify token and claims", |b| {
        b.iter(|| jose::verify(black_box(&token), &keys, &expected));
    });
    Ok(())
}

/// A prescriber signs: password and code generator of this ceremony, beside a text message of the morning.
fn policy(c: &mut Criterion) {
    let event = |method: Method, age: i64, ceremony: &str| FactorEvent {
        id: EventId::new(format!("{method}-{age}")),
        ceremony: CeremonyId::new(ceremony.to_owned()),
        authenticator: AuthenticatorId::new(method.to_string()),
        method,
        at: NOW.minus(Seconds(age)),
        nickname: None,
        proof: Proof::default(),
    };
    let events = [
        event(Method::Sms, 14_400, "morning"),
        event(Method::Password, 40, "now"),
        event(Method::Totp, 10, "now"),
    ];
    let enrolled: Vec<Enrolled> = [Method::Password, Method::Totp, Method::Sms, Method::Voice]
        .map(|method| Enrolled {
            id: AuthenticatorId::new(method.to_string()),
            method,
            nickname: None,
            primary: false,
            usable: true,
            best: Proof::default(),
        })
        .into();
    let evidence = Evidence {
        events: &events,
        last_active: NOW,
        ceremony: None,
    };
    let (table, need) = (AcrTable::default(), prescriber());
    c.bench_function("policy, decide epcs", |b| {
        b.iter(|| decide(&table, black_box(&need), &evidence, &enrolled, NOW));
    });
    c.bench_function("policy, resolve and decide epcs", |b| {
        b.iter(|| decide(&table, &prescriber(), &evidence, &enrolled, NOW));
    });
}

fn prescriber() -> Requirement {
    use countersign::policy::{Demands, PoolMethods};
    let all = Method::ALL.into_iter().collect();
    let group = Policy {
        name: "no-telephone".into(),
        deny_methods: [Method::Sms, Method::Voice].into(),
        ..Policy::default()
    };
    let demands = Demands {
        client: &[],
        scopes: &[],
        groups: &[&group],
        workspace_methods: &all,
        pool: PoolMethods {
            name: "default",
            first_factor: &all,
            second_factor: &all,
        },
        request: RequestDemand {
            acr_values: vec![EPCS.into()],
            essential: true,
            ..RequestDemand::default()
        },
        default_acr_values: &[],
        withheld: None,
    };
    demands.resolve()
}

fn pages(c: &mut Criterion) -> Result<()> {
    let pages = Pages::new(None)?;
    let (frame, page) = (Frame::samples().remove(0), SignIn::samples().remove(0));
    c.bench_function("page sign-in, render", |b| {
        b.iter(|| pages.render(black_box(&frame), &page));
    });
    c.bench_function("templates and words, read at the start", |b| {
        b.iter(|| Pages::new(None))
    });
    Ok(())
}

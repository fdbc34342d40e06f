//! The metadata of models: whose word they are, and what is read from them.

use countersign::base::{Seconds, Timestamp};
use countersign::config::Config;
use countersign::factors::webauthn::Aaguid;
use countersign::factors::webauthn::metadata::{self, BlobError, MetadataError, Publisher};
use countersign::factors::webauthn::models::{Certification, Model};
use jsonwebtoken::Algorithm;
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};

use crate::key_maker::{Authority, SIGNER, entry, forged, hyphens, payload, relabelled};
use crate::webauthn_desk::Desk;

const BLUE: [u8; 16] = [0xb1; 16];

fn read(bytes: &str, root: Option<&Authority>, now: Timestamp) -> Result<Model, MetadataError> {
    let roots: Vec<_> = root.iter().map(|r| CertificateDer::from(r.der())).collect();
    let publisher = root.map(|_| Publisher {
        roots: &roots,
        name: SIGNER,
    });
    let mut models = metadata::read(bytes.as_bytes(), publisher, now)?;
    Ok(models.remove(&Aaguid::new(BLUE)).expect("the blue model"))
}

#[test]
fn a_blob_is_believed_if_its_publisher_signed_it_and_nothing_has_changed() {
    let now = Desk::new().now;
    let (publisher, maker) = (Authority::new("Publisher"), Authority::new("Cedar Keys Root"));
    let told = payload(&[entry(BLUE, "Blue", &maker)]);
    let blob = publisher.blob(&told, SIGNER);
    let why = |bytes: &str, root: Option<&Authority>, now| read(bytes, root, now).err();
    let is = |error: Option<MetadataError>, wanted: BlobError| {
        assert!(
            matches!(&error, Some(MetadataError::Blob(e)) if *e == wanted),
            "{error:?}"
        );
    };
    assert_eq!(read(&format!("{blob}\n"), Some(&publisher), now).unwrap().name, "Blue");

    // As the FIDO Alliance signs it; and each algorithm only with a key of its own kind.
    let rsa = publisher.blob_with(Algorithm::RS256, &told, SIGNER);
    assert_eq!(read(&rsa, Some(&publisher), now).unwrap().name, "Blue");
    is(
        why(&relabelled(&rsa, "ES256"), Some(&publisher), now),
        BlobError::BadSignature,
    );
    is(
        why(&relabelled(&blob, "RS256"), Some(&publisher), now),
        BlobError::BadSignature,
    );
    is(
        why(&relabelled(&blob, "HS256"), Some(&publisher), now),
        BlobError::Algorithm,
    );

    let mut other = entry(BLUE, "Blue", &maker);
    other["statusReports"] = json!([]);
    is(
        why(&forged(&blob, &payload(&[other])), Some(&publisher), now),
        BlobError::BadSignature,
    );
    // Somebody else's authority, or the right one's certificate for somebody else.
    let stranger = Authority::new("Publisher").blob(&told, SIGNER);
    is(why(&stranger, Some(&publisher), now), BlobError::Untrusted);
    let customer = publisher.blob(&told, "shop.example");
    is(why(&customer, Some(&publisher), now), BlobError::OtherSigner);
    let late = now.plus(Seconds::days(365 * 3000));
    is(why(&blob, Some(&publisher), late), BlobError::Untrusted);
    // Neither may be passed off as the other.
    assert!(matches!(
        why(&told.to_string(), Some(&publisher), now),
        Some(MetadataError::NotSigned)
    ));
    assert!(matches!(why(&blob, None, now), Some(MetadataError::NeedsRoot)));
    is(why("one.two", Some(&publisher), now), BlobError::NotJwt);
    let unsigned = format!("{}.{}.", encode(&json!({ "alg": "none" })), encode(&told));
    is(why(&unsigned, Some(&publisher), now), BlobError::Algorithm);
    let keyless = format!("{}.{}.AAAA", encode(&json!({ "alg": "ES256" })), encode(&told));
    is(why(&keyless, Some(&publisher), now), BlobError::BadHeader);
}

fn encode(value: &Value) -> String {
    countersign::base::encoding::base64url(value.to_string().as_bytes())
}

/// The blue model with one member of its statement changed.
fn with(member: &str, value: Value) -> Model {
    let mut blue = entry(BLUE, "Blue", &Authority::new("Root"));
    blue["metadataStatement"][member] = value;
    read(&payload(&[blue]).to_string(), None, Desk::new().now).unwrap()
}

fn reported(statuses: &[&str]) -> Model {
    let mut blue = entry(BLUE, "Blue", &Authority::new("Root"));
    blue["statusReports"] = statuses.iter().map(|s| json!({ "status": s })).collect();
    read(&payload(&[blue]).to_string(), None, Desk::new().now).unwrap()
}

#[test]
fn hardware_and_roaming_are_what_the_maker_declares_and_the_weaker_in_doubt() {
    for (words, hardware) in [
        (json!(["hardware", "tee"]), true),
        (json!(["secure_element"]), true),
        (json!(["software"]), false),
        (json!(["hardware", "software"]), false),
        (json!(["remote_handle"]), false),
        (json!([]), false),
    ] {
        assert_eq!(with("keyProtection", words.clone()).hardware, hardware, "{words}");
    }
    for (words, roaming) in [
        (json!(["external", "wired"]), true),
        (json!(["internal"]), false),
        (json!(["internal", "external"]), false),
        (json!([]), true), // by its transports
    ] {
        assert_eq!(with("attachmentHint", words.clone()).roaming, roaming, "{words}");
    }
    assert!(!with("authenticatorGetInfo", json!({ "options": { "plat": true } })).roaming);
    assert!(!with("authenticatorGetInfo", json!({ "transports": ["internal", "usb"] })).roaming);
}

#[test]
fn status_reports_certify_or_condemn() {
    assert_eq!(reported(&["FIDO_CERTIFIED"]).certification, Some(Certification::L1));
    let levels = reported(&["FIDO_CERTIFIED_L2plus", "FIDO_CERTIFIED"]);
    assert_eq!(levels.certification, Some(Certification::L2Plus));
    assert_eq!(
        reported(&["NOT_FIDO_CERTIFIED", "FIDO_CERTIFIED_L9"]).certification,
        None
    );
    for status in [
        "REVOKED",
        "USER_VERIFICATION_BYPASS",
        "ATTESTATION_KEY_COMPROMISE",
        "USER_KEY_REMOTE_COMPROMISE",
        "USER_KEY_PHYSICAL_COMPROMISE",
    ] {
        assert_eq!(reported(&[status, "UPDATE_AVAILABLE"]).denied, Some(status));
    }
    assert_eq!(reported(&["UPDATE_AVAILABLE", "FIPS140_CERTIFIED_L2"]).denied, None);
}

#[test]
fn what_is_not_metadata_is_said_so_and_what_is_no_fido2_model_is_left_out() {
    let now = Desk::new().now;
    let why = |value: Value| {
        metadata::read(value.to_string().as_bytes(), None, now)
            .unwrap_err()
            .to_string()
    };
    assert!(why(json!({ "entry": [] })).contains("not a metadata payload"));
    assert!(why(json!({ "entries": [{ "aaguid": "blue" }] })).contains("`blue`"));
    assert!(why(json!({ "entries": [{ "aaid": "4e4e#4005" }] })).contains("no model"));
    let root = Authority::new("Root");
    let old = json!({ "attestationCertificateKeyIdentifiers": ["00"], "metadataStatement": {} });
    // Twice the same model: what both say.
    let mut worse = entry(BLUE, "Blue", &root);
    worse["metadataStatement"]["keyProtection"] = json!(["software"]);
    worse["statusReports"] = json!([{ "status": "REVOKED" }]);
    let both = payload(&[old, entry(BLUE, "Blue", &root), worse]);
    let model = read(&both.to_string(), None, now).unwrap();
    assert_eq!(
        (model.hardware, model.denied, model.certification),
        (false, Some("REVOKED"), None)
    );
    let upper = hyphens(BLUE).to_ascii_uppercase();
    assert_eq!(Aaguid::parse(&upper), Some(Aaguid::new(BLUE)));
    for text in [
        "",
        "b1b1b1b1",
        "b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1",
        "+1b1b1b1-b1b1-b1b1-b1b1-b1b1b1b1b1b1",
    ] {
        assert_eq!(Aaguid::parse(text), None, "{text}");
    }
}

/// Settings of `[webauthn]`, checked in a folder with metadata of one model: bare, signed, signed by another name.
fn configured(settings: &str) -> Result<usize, String> {
    let (publisher, maker) = (Authority::new("Publisher"), Authority::new("Cedar Keys Root"));
    let told = payload(&[entry(BLUE, "Blue", &maker)]);
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("bare.json", told.to_string().into_bytes()),
        ("mds.jwt", publisher.blob(&told, SIGNER).into_bytes()),
        ("other.jwt", publisher.blob(&told, "keys.example").into_bytes()),
        ("root.pem", publisher.pem().into_bytes()),
        ("root.der", publisher.der()),
    ] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let text = format!("[server]\nissuer = \"https://id.example.org\"\n[webauthn]\n{settings}\n");
    let config = Config::from_text(&text, "countersign.toml", folder.path(), std::iter::empty());
    config.map(|c| c.models.len()).map_err(|e| e.to_string())
}

#[test]
fn the_configuration_reads_the_metadata() {
    assert_eq!(configured(""), Ok(0));
    for settings in [
        "metadata = 'bare.json'",
        "metadata = 'mds.jwt'\nmetadata_root = 'root.pem'",
        "metadata = 'mds.jwt'\nmetadata_root = 'root.der'",
        "metadata = 'other.jwt'\nmetadata_root = 'root.pem'\nmetadata_signer = 'keys.example'",
        "metadata = 'bare.json'\nfips_aaguids = ['b1b1b1b1-b1b1-b1b1-b1b1-b1b1b1b1b1b1']",
        "metadata = 'bare.json'\nminimum_certification = 'L2plus'",
    ] {
        assert_eq!(configured(settings), Ok(1), "{settings}");
    }
}

#[test]
fn the_configuration_names_what_is_wrong_with_it() {
    let one = "allow_aaguids = ['b1b1b1b1-b1b1-b1b1-b1b1-b1b1b1b1b1b1']";
    let downgraded = "metadata = 'bare.json'\nmetadata_root = 'root.pem'";
    let other = "metadata = 'other.jwt'\nmetadata_root = 'root.pem'";
    let no_root = "metadata = 'mds.jwt'\nmetadata_root = 'bare.json'";
    let unsigned = "metadata = 'bare.json'\nmetadata_signer = 'keys.example'";
    let level = "metadata = 'bare.json'\nminimum_certification = 'L4'";
    for (settings, key, words) in [
        ("metadata = 'mds.jwt'", "metadata", "`metadata_root` must name"),
        (downgraded, "metadata", "not signed"),
        (other, "metadata", "`metadata_signer`"),
        (no_root, "metadata_root", "no certificate"),
        (unsigned, "metadata_signer", "set webauthn.metadata_root"),
        ("metadata = 'none.jwt'", "metadata", "none.jwt cannot be read"),
        ("metadata_root = 'root.pem'", "metadata_root", "set webauthn.metadata"),
        (one, "allow_aaguids", "set webauthn.metadata"),
        (
            "minimum_certification = 'L1'",
            "minimum_certification",
            "set webauthn.metadata",
        ),
        (level, "minimum_certification", "`L4`"),
        ("deny_aaguids = ['blue']", "deny_aaguids", "`blue` is not an AAGUID"),
        ("metadatas = 'mds.jwt'", "metadatas", "unknown field"),
    ] {
        let why = configured(settings).unwrap_err();
        let place = why.starts_with("countersign.toml:") && why.contains(key);
        assert!(place && why.contains(words) && !why.contains('\n'), "{why}");
    }
}

//! What may be written in `[delivery.push]`, and what is said about the rest.

use super::*;

const APNS: &str = "key_id = \"ABC123DEFG\"\nteam_id = \"TEAM567890\"\ntopic = \"org.cedar.signin\"\n";

fn read(kind: &str, text: &str) -> Result<Delivery, String> {
    toml::from_str(&format!("[push.{kind}]\n{text}")).map_err(|e| e.message().to_owned())
}

#[track_caller]
fn refused(kind: &str, text: &str, words: &str) {
    let error = read(kind, text).unwrap_err();
    assert!(
        error.starts_with(&format!("delivery.push.{kind}.{words}")),
        "{words} / {error}"
    );
}

/// Read, and looked at beside the folder.
fn beside(kind: &str, text: &str, folder: &Path) -> Result<Delivery, String> {
    read(kind, text)?.beside(folder).map_err(|e| e.to_string())
}

#[test]
fn every_mistake_names_its_key() {
    for (kind, unknown) in [("apns", "keey"), ("fcm", "acount"), ("webpush", "subject")] {
        let said = read(kind, &format!("{unknown} = 1")).unwrap_err();
        assert!(said.contains(&format!("unknown field `{unknown}`")), "{said}");
    }
    assert!(read("pigeon", "").unwrap_err().contains("unknown field `pigeon`"));
    refused("apns", "", "topic: is missing");
    refused("apns", APNS, "key: is missing");
    let apns = |from: &str, to: &str, words| {
        let text = format!("{APNS}key = \"k.p8\"\n").replace(from, to);
        refused("apns", &text, words);
    };
    apns("ABC123DEFG", "ABC", "key_id: must be the ten");
    apns("TEAM567890", "TEAM/67890", "team_id: must be the ten");
    apns("org.cedar.signin", "org cedar", "topic: must be");
    apns(
        "key_id",
        "base_url = \"http://push.example\"\nkey_id",
        "base_url: must begin",
    );
    apns(
        "key_id",
        "base_url = \"https://push.example?a\"\nkey_id",
        "base_url: must end",
    );
    refused("fcm", "", "service_account: is missing");
    refused(
        "fcm",
        "service_account = \"a\"\ntoken_uri = \"http://t.example\"",
        "token_uri: must begin",
    );
    refused("webpush", "contact = \"mailto:a@b.example\"", "key: is missing");
    refused("webpush", "key = \"k\"", "contact: is missing");
    for wrong in ["ops@cedar.example", "mailto:ops", "http://cedar.example"] {
        refused(
            "webpush",
            &format!("key = \"k\"\ncontact = \"{wrong}\""),
            "contact: must be",
        );
    }
}

#[test]
fn nothing_set_up_stays_in_the_outbox() {
    let none: Delivery = toml::from_str("[push]\n").unwrap();
    assert!(matches!(none.push, crate::delivery::settings::Transport::Outbox));
}

#[test]
fn files_are_read_at_the_start_and_are_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let text = "key = \"vapid.pem\"\ncontact = \"https://cedar.example/push\"";
    let said = || beside("webpush", text, folder.path()).map(|_| ()).unwrap_err();
    assert!(said().starts_with("delivery.push.webpush.key: "), "{}", said());
    let path = secret_file(folder.path(), "vapid.pem", "no key");
    assert!(said().contains("BEGIN PRIVATE KEY"), "{}", said());
    secret_file(
        folder.path(),
        "vapid.pem",
        &pem(&KeyPair::generate(Kind::P384).unwrap()),
    );
    assert!(said().contains("not a P-256 private key"), "{}", said());
    secret_file(
        folder.path(),
        "vapid.pem",
        &pem(&KeyPair::generate(Kind::P256).unwrap()),
    );
    assert!(beside("webpush", text, folder.path()).is_ok());
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(
        said().contains("mode 644") && said().contains("chmod 600"),
        "{}",
        said()
    );
}

#[test]
fn a_service_account_is_whole_and_its_project_fits_a_path() {
    let folder = tempfile::tempdir().unwrap();
    let text = "service_account = \"account.json\"";
    let said = || beside("fcm", text, folder.path()).map(|_| ()).unwrap_err();
    let account = |project: &str, token_uri: &str, key: &KeyPair| {
        let account = serde_json::json!({
            "project_id": project, "private_key": pem(key), "client_email": "a@b.example", "token_uri": token_uri,
        });
        secret_file(folder.path(), "account.json", &account.to_string());
    };
    let [rsa, ec] = [Kind::Rsa, Kind::P256].map(|kind| KeyPair::generate(kind).unwrap());
    let google = "https://oauth2.googleapis.com/token";
    secret_file(folder.path(), "account.json", "{\"private_key\": 5}");
    assert!(said().starts_with("delivery.push.fcm.service_account: ") && said().contains("project_id"));
    account("cedar/../x", google, &rsa);
    assert!(said().contains("project_id"));
    account("cedar", "http://oauth2.example/", &rsa);
    assert!(said().contains("must begin with https"));
    account("cedar", google, &ec);
    assert!(said().contains("private key"), "{}", said());
    account("cedar", google, &rsa);
    assert!(beside("fcm", text, folder.path()).is_ok());
}

//! What an operator is told when something is wrong: one sentence that names the file, the line, the key, the mend.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;

use crate::harness::{Database, Files, failure};
use crate::postgres::postgres;

const GOOD: &str = "[server]\nissuer = \"http://localhost:1\"\n";

#[test]
fn a_configuration_that_is_wrong_names_file_line_and_key() {
    let files = Files::empty(Database::Sqlite);
    for (text, said) in [
        (
            "[server]\nissuer = \"http://localhost:1\n",
            &["countersign.toml:2", "issuer"][..],
        ),
        (
            "[server]\nissuer = \"http://localhost:1\"\nlissten = \"x\"\n",
            &["countersign.toml:3", "lissten"],
        ),
        (
            "[sever]\nissuer = \"http://localhost:1\"\n",
            &["countersign.toml", "sever"],
        ),
        ("[server]\nissuer = 7\n", &["countersign.toml:2", "issuer"]),
        ("[server]\nlisten = \"127.0.0.1:1\"\n", &["countersign.toml", "issuer"]),
        (
            "[server]\nissuer = \"http://localhost:1\"\nlisten = \"nowhere\"\n",
            &["countersign.toml:3", "listen"],
        ),
        (
            "[server]\nissuer = \"ftp://localhost\"\n",
            &["countersign.toml", "server.issuer"],
        ),
        (
            "[server]\nissuer = \"http://id.example.org\"\n",
            &["countersign.toml", "server.issuer", "https"],
        ),
        (
            "[server]\nissuer = \"http://localhost:1?x=1\"\n",
            &["countersign.toml", "server.issuer"],
        ),
        (
            "[server]\nissuer = \"https://id.example.org\"\n[sandbox]\nenabled = true\n",
            &["countersign.toml", "sandbox.enabled"],
        ),
        (
            "[server]\nissuer = \"http://localhost:1\"\n[log]\nformat = \"xml\"\n",
            &["countersign.toml:4", "format"],
        ),
        (
            "[server]\nissuer = \"http://localhost:1\"\n[server]\n",
            &["countersign.toml:3", "server"],
        ),
        ("\u{0}", &["countersign.toml:1"]),
    ] {
        files.write("countersign.toml", text);
        for command in [&["check-config"][..], &["serve"], &["export"], &["keys", "list"]] {
            let error = files.run_fails(command);
            for part in said {
                assert!(error.contains(part), "{text:?} should name {part}: {error}");
            }
        }
    }
    std::fs::remove_file(files.path("countersign.toml")).unwrap();
    assert!(files.run_fails(&["check-config"]).contains("countersign.toml"));
    files.write("countersign.toml", GOOD);
    assert_eq!(files.run_ok(&["check-config"]).trim(), "ok");
}

#[test]
fn the_environment_overrides_and_is_named_when_it_is_wrong() {
    let files = Files::empty(Database::Sqlite);
    files.write("countersign.toml", GOOD);
    let with = |name: &str, value: &str| files.command(&["check-config"]).env(name, value).output().unwrap();
    assert!(
        with("COUNTERSIGN_SERVER__ISSUER", "https://id.example.org")
            .status
            .success()
    );
    for (name, value) in [
        ("COUNTERSIGN_SERVER__ISSUER", "ftp://x"),
        ("COUNTERSIGN_SERVER__LISSTEN", "x"),
        ("COUNTERSIGN_SERVER__WORKERS", "many"),
        ("COUNTERSIGN_SERVER__LISTEN", "nowhere"),
    ] {
        let said = failure(&with(name, value), &[name]);
        assert!(
            said.contains(name) || (value == "ftp://x" && said.contains("server.issuer")),
            "{name}={value}: {said}"
        );
    }
}

#[test]
fn a_workspace_that_is_wrong_names_file_line_and_key() {
    let files = Files::empty(Database::Sqlite);
    let client = "[[clients]]\nclient_id = \"a\"\nclient_secret = \"0123456789abcdef0123456789abcdef\"\nredirect_uris = [\"https://a.example/cb\"]\n";
    for (text, said) in [
        ("[workspace]\nname = \n".to_owned(), &["w.toml:2", "name"][..]),
        ("[workspace]\nnam = \"x\"\n".into(), &["w.toml:2", "nam"]),
        (
            "[workspace]\nmethods = [\"telepathy\"]\n".into(),
            &["w.toml:2", "methods", "telepathy"],
        ),
        (format!("{client}colour = \"red\"\n"), &["w.toml:5", "colour"]),
        (
            format!("{client}policies = [\"none\"]\n"),
            &["w.toml", "clients a", "none"],
        ),
        (format!("{client}{client}"), &["w.toml", " a: ", "twice"]),
        ("[[clients]]\nclient_id = \"a\"\n".into(), &["w.toml", "clients a"]),
        (
            "[[clients]]\nclient_id = \"a\"\nredirect_uris = [\"https://a.example/cb\"]\n".into(),
            &["w.toml", "clients a", "client_secret"],
        ),
        (
            client.replace("https://a.example/cb", "https://a.example/cb#x"),
            &["w.toml", "clients a", "redirect_uris"],
        ),
        (
            "[[policies]]\nname = \"p\"\nrequired_acr = \"nobody's\"\n".into(),
            &["w.toml", "policies p", "required_acr"],
        ),
        (
            "[[policies]]\nname = \"p\"\ndeny_method = [\"sms\"]\n".into(),
            &["w.toml:3", "deny_method"],
        ),
        (
            "[[groups]]\nname = \"g\"\npolicies = [\"p\"]\n".into(),
            &["w.toml", "groups g", "p"],
        ),
        (
            "[[acr]]\nvalue = \"x\"\nsame_as = \"y\"\n".into(),
            &["w.toml", "acr", "same_as"],
        ),
    ] {
        files.write("w.toml", &text);
        for command in [
            &["check-config", "w.toml"][..],
            &["apply", "w.toml"],
            &["apply", "--dry-run", "w.toml"],
        ] {
            let error = files.run_fails(command);
            for part in said {
                assert!(
                    error.contains(part),
                    "{command:?} of {text:?} should name {part}: {error}"
                );
            }
        }
    }
    assert!(files.run_fails(&["apply", "none.toml"]).contains("none.toml"));
}

#[test]
fn people_that_are_wrong_are_named_before_anything_is_written() {
    let files = Files::empty(Database::Sqlite);
    let user = "[[users]]\nusername = \"a\"\n";
    for (text, said) in [
        (
            format!("{user}groups = [\"none\"]\n"),
            &["users a", "groups", "none"][..],
        ),
        (format!("{user}pool = \"none\"\n"), &["users a", "pool"]),
        (format!("{user}shoe_size = 43\n"), &["users a", "shoe_size"]),
        (format!("{user}status = \"asleep\"\n"), &["users a", "status"]),
        (
            format!("{user}password = \"$6$unknown$scheme\"\n"),
            &["users a", "password"],
        ),
        (
            format!("{user}[[users.authenticators]]\nmethod = \"totp\"\nnickname = \"n\"\nsecret = \"!!\"\n"),
            &["users a", "secret"],
        ),
        (
            format!("{user}[[users.authenticators]]\nmethod = \"totp\"\nnickname = \"n\"\nsecret = \"MFRGG\"\n"),
            &["users a", "secret"],
        ),
        (
            format!(
                "{user}[[users.authenticators]]\nmethod = \"sms\"\nnickname = \"n\"\nphone_number = \"555-0100\"\n"
            ),
            &["users a", "phone_number"],
        ),
        ("[[users]]\nemail = \"a@b.example\"\n".into(), &["users", "username"]),
    ] {
        files.write("w.toml", &text);
        let error = files.run_fails(&["apply", "w.toml"]);
        for part in said.iter().chain(&["w.toml"]) {
            assert!(error.contains(part), "{text:?} should name {part}: {error}");
        }
        assert_eq!(
            files.run_ok(&["user", "list", "--json"]).trim(),
            "[]",
            "nothing was written"
        );
    }
}

#[test]
fn a_database_that_cannot_be_had_is_one_sentence() {
    let mut files = Files::empty(Database::Sqlite);
    std::fs::write(files.path("a-file"), "x").unwrap();
    std::fs::create_dir(files.path("a-folder")).unwrap();
    let here = files.path("").display().to_string();
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for (url, part) in [
        (format!("sqlite://{here}a-file/countersign.db"), "a-file"),
        (format!("sqlite://{here}a-folder"), "a-folder"),
        ("sqlite:///proc/nothing/countersign.db".into(), "/proc/nothing"),
        (format!("sqlite://{here}countersign.toml"), "countersign.toml"),
        ("mysql://x/y".into(), "database"),
        ("nonsense".into(), "database"),
        (format!("postgres://u:hidden-word@127.0.0.1:{closed}/x"), "database"),
        (postgres().url("wrong-hidden-word", "postgres"), "password"),
        (
            postgres().url(crate::postgres::PASSWORD, "no_such_database"),
            "no_such_database",
        ),
    ] {
        files.database.clone_from(&url);
        files.configure(0);
        for command in [&["serve"][..], &["keys", "list"]] {
            let error = files.run_fails(command);
            assert!(
                error.contains(part) && error.contains("database.url"),
                "{url} should name {part}: {error}"
            );
            assert!(
                !error.contains("hidden-word") && !error.contains(crate::postgres::PASSWORD),
                "a password: {error}"
            );
        }
    }
}

/// The master key: made on the first start, for its owner alone; without it nothing opens.
#[test]
fn the_master_key_is_private_and_the_only_one_that_fits() {
    let files = Files::with_workspace(Database::Sqlite);
    let key = files.path("keys/master.key");
    let mode = |mode: u32| std::fs::set_permissions(&key, PermissionsExt::from_mode(mode)).unwrap();
    for readable in [0o644, 0o640, 0o604, 0o666] {
        mode(readable);
        let error = files.run_fails(&["keys", "list"]);
        assert!(error.contains("master.key") && error.contains("chmod 600"), "{error}");
    }
    mode(0o600);
    files.run_ok(&["keys", "list"]);
    let right = std::fs::read_to_string(&key).unwrap();
    for wrong in ["", "nonsense", "dG9vLXNob3J0"] {
        files.write("keys/master.key", wrong);
        assert!(files.run_fails(&["keys", "list"]).contains("master.key"), "{wrong:?}");
    }
    let other = Files::empty(Database::Sqlite);
    other.run_ok(&["keys", "list"]);
    let stranger = std::fs::read_to_string(other.path("keys/master.key")).unwrap();
    files.write("keys/master.key", &stranger);
    for command in [&["serve"][..], &["keys", "list"]] {
        let error = files.run_fails(command);
        assert!(error.contains("master key"), "a wrong key is called one: {error}");
    }
    // From the environment, and while it turns: several.
    let by_environment = |text: &str| {
        let mut command = files.command(&["keys", "list"]);
        command.env("COUNTERSIGN_MASTER_KEY", text).output().unwrap()
    };
    assert!(by_environment(&right).status.success());
    assert!(by_environment(&format!("{stranger}{right}")).status.success());
    let said = failure(&by_environment("nonsense"), &["the environment"]);
    assert!(
        said.contains("COUNTERSIGN_MASTER_KEY") && !said.contains("nonsense"),
        "{said}"
    );
    let made = std::fs::metadata(other.path("keys/master.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(made & 0o777, 0o600);
    let database = std::fs::metadata(other.path("data/countersign.db"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(database & 0o077, 0, "the database is its owner's alone");
}

#[test]
fn a_taken_port_is_one_sentence() {
    let files = Files::with_workspace(Database::Sqlite);
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    files.configure(port);
    let error = files.run_fails(&["serve"]);
    assert!(
        error.contains("server.listen") && error.contains(&port.to_string()),
        "{error}"
    );
}

/// A path instead of a file, a folder nobody may write, keys that cannot be made.
#[test]
fn folders_that_cannot_be_written_are_named() {
    let mut files = Files::empty(Database::Sqlite);
    std::fs::write(files.path("keys"), "a file").unwrap();
    let error = files.run_fails(&["keys", "list"]);
    assert!(error.contains("keys"), "{error}");
    std::fs::remove_file(files.path("keys")).unwrap();
    // /proc refuses even root.
    files.database = "sqlite:///proc/sys/countersign.db".into();
    files.configure(0);
    let error = files.run_fails(&["serve"]);
    assert!(error.contains("/proc/sys"), "{error}");
}

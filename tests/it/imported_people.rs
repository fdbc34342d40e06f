//! People who come from another product bring their password's hash along.

use crate::browser::Browser;
use crate::files::{Database, Files};
use crate::harness::Op;
use crate::relying_party::BASIC;
use crate::workspace::{Persona, Second};

const PASSWORD: &str = "correct-horse-old";
/// PBKDF2-HMAC-SHA256 of the password, as Python's hashlib computes it.
const PBKDF2: &str = "$pbkdf2-sha256$i=600000,l=32$c2l4dGVlbi1ieXRlLXNsdA$Ikp95v24OudJxBgzvF+XUSTqdIrhfLttHIrYqgj4tps";

fn user(username: &str, hash: &str) -> String {
    format!("[[users]]\nusername = \"{username}\"\npassword = \"{hash}\"\n")
}

const fn persona(username: &'static str) -> Persona {
    Persona {
        username,
        password: PASSWORD,
        second: Second::Nothing,
    }
}

#[tokio::test]
async fn hashes_of_other_products_verify() {
    use argon2::password_hash::PasswordHasher;
    let bcrypt = bcrypt::hash(PASSWORD, 4).unwrap();
    let argon2 = argon2::Argon2::default();
    let argon2 = argon2
        .hash_password_with_salt(PASSWORD.as_bytes(), b"sixteen-byte-slt")
        .unwrap()
        .to_string();
    let people = [
        ("by-bcrypt", bcrypt.as_str()),
        ("by-argon2", &argon2),
        ("by-pbkdf2", PBKDF2),
        ("by-text", PASSWORD),
    ];
    let more: String = people.iter().map(|(name, hash)| user(name, hash)).collect();
    let op = Op::with(Database::Sqlite, &more).await;
    for (_, hash) in people {
        op.secret("a password or its hash", hash);
    }
    for name in ["by-bcrypt", "by-argon2", "by-pbkdf2", "by-text"] {
        Browser::new(&op).tokens(&BASIC.ask(), &persona(name)).await;
        let wrong = Persona {
            password: "correct-horse-ole",
            ..persona(name)
        };
        assert!(!Browser::new(&op).through(&BASIC.ask(), &wrong).await.left, "{name}");
    }
    // The hash is no password.
    let thief = Persona {
        password: PBKDF2,
        ..persona("by-pbkdf2")
    };
    assert!(!Browser::new(&op).through(&BASIC.ask(), &thief).await.left);
}

/// 800-63B-4 §3.1.1.2: Unicode is normalised, and every character counts.
#[tokio::test]
async fn passwords_are_unicode_and_whole() {
    const COMPOSED: &str = "caf\u{e9} \u{1f600} correct horse";
    const DECOMPOSED: &str = "cafe\u{301} \u{1f600} correct horse";
    let long: &'static str = Box::leak("x".repeat(200).into_boxed_str());
    let longer: &'static str = Box::leak(format!("{long}y").into_boxed_str());
    let op = Op::with(
        Database::Sqlite,
        &format!("{}{}", user("accent", COMPOSED), user("long", long)),
    )
    .await;
    let sign_in = async |username, password| {
        let who = Persona {
            username,
            password,
            second: Second::Nothing,
        };
        Browser::new(&op).through(&BASIC.ask(), &who).await.left
    };
    assert!(sign_in("accent", COMPOSED).await && sign_in("accent", DECOMPOSED).await);
    assert!(!sign_in("accent", "cafe \u{1f600} correct horse").await);
    assert!(sign_in("long", long).await);
    assert!(!sign_in("long", longer).await, "nothing is cut off");
}

/// Applying the file again with the same plain password is no change, with another one it is.
#[test]
fn a_password_in_the_file_is_compared_not_rewritten() {
    let files = Files::with_workspace(Database::Sqlite);
    files.write("w.toml", &user("pat", "correct-horse-pat-0"));
    assert!(files.run_ok(&["apply", "w.toml"]).contains("nothing to change"));
    files.write("w.toml", &user("pat", "another-horse"));
    assert!(files.run_ok(&["apply", "w.toml"]).contains("~ user pat (password)"));
}

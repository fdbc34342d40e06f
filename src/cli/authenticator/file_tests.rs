//! The file of keys: who may read it, that it is replaced whole, and that damage is never written over.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

use super::client::{Client, Means};
use super::file::{Account, Book};
use super::message::Owner;
use super::phone::{Begun, Phone};
use crate::base::SystemEntropy;
use crate::keys::{KeyPair, Kind};

fn account(device: &str) -> Account {
    let client = Client::new("http://localhost:1", 7, Means::of_the_system()).unwrap();
    let owner = Owner {
        workspace: "Cedar Health ID".to_owned(),
        username: "a•••a".to_owned(),
    };
    let begun = Begun {
        phone: Phone::of(client, device.to_owned(), KeyPair::generate(Kind::P256).unwrap()),
        owner,
        request: "Rq".to_owned(),
    };
    Account::of(&begun, "Terminal").unwrap()
}

fn place() -> (TempDir, PathBuf, Book) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/authenticator.json");
    (folder, path.clone(), Book::at(path))
}

fn add(book: &Book, account: Account) {
    let mut held = book.hold().unwrap();
    held.accounts.push(account);
    held.save(&SystemEntropy).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn said(book: &Book) -> String {
    let read = book.read().unwrap_err().to_string();
    let held = book.hold().err().unwrap().to_string();
    assert_eq!(read, held, "reading and changing refuse the same");
    read
}

#[test]
fn a_new_file_is_its_owners_alone_and_holds_the_key() {
    let (_folder, path, book) = place();
    assert!(book.read().unwrap().is_empty(), "no file is no account");
    let made = account("K3");
    add(&book, made.clone());
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let read = book.read().unwrap();
    let phone = read[0].phone(Means::of_the_system()).unwrap();
    let before = made.phone(Means::of_the_system()).unwrap();
    assert_eq!(phone.key().public().thumbprint(), before.key().public().thumbprint());
    assert_eq!((phone.id.as_str(), phone.client.offset()), ("K3", 7));
    assert!(
        !format!("{read:?}").contains("MIG") && format!("{read:?}").contains("***"),
        "the key is never printed"
    );
}

#[test]
fn it_is_replaced_and_not_written_into() {
    let (_folder, path, book) = place();
    add(&book, account("one"));
    // Who holds the old file open reads the old content to its end.
    let before = path.with_extension("before");
    fs::hard_link(&path, &before).unwrap();
    let old = fs::read_to_string(&before).unwrap();
    add(&book, account("two"));
    assert_eq!(fs::read_to_string(&before).unwrap(), old);
    let devices: Vec<String> = book.read().unwrap().into_iter().map(|a| a.device).collect();
    assert_eq!(devices, ["one", "two"]);
    let names = fs::read_dir(path.parent().unwrap()).unwrap();
    let mut names: Vec<String> = names.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let expected = ["authenticator.before", "authenticator.json", "authenticator.json.lock"];
    assert_eq!(names, expected, "nothing is left lying about");
}

#[test]
fn a_file_that_others_may_read_or_write_is_refused_with_the_mend() {
    let (_folder, path, book) = place();
    add(&book, account("K3"));
    for wide in [0o640, 0o604, 0o620, 0o610, 0o666] {
        fs::set_permissions(&path, PermissionsExt::from_mode(wide)).unwrap();
        let sentence = said(&book);
        assert!(
            sentence.contains(&format!("run chmod 600 {}", path.display())),
            "{sentence}"
        );
    }
    fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(book.read().unwrap().len(), 1);
}

#[test]
fn a_damaged_file_is_reported_and_left_as_it_is() {
    let (_folder, path, book) = place();
    add(&book, account("K3"));
    let whole = fs::read(&path).unwrap();
    for kept in [0, 1, whole.len() / 2, whole.len() - 2] {
        fs::write(&path, &whole[..kept]).unwrap();
        let sentence = said(&book);
        assert!(
            sentence.contains("is damaged") && sentence.contains(&path.display().to_string()),
            "{sentence}"
        );
        assert_eq!(fs::read(&path).unwrap(), &whole[..kept], "not a byte is changed");
    }
    let newer = String::from_utf8(whole)
        .unwrap()
        .replace("\"version\": 1", "\"version\": 2");
    fs::write(&path, newer).unwrap();
    assert!(said(&book).contains("install a newer countersign"));
}

#[test]
fn a_damaged_key_or_issuer_is_said_before_anything_is_sent() {
    let (_folder, path, book) = place();
    add(&book, account("K3"));
    let text = fs::read_to_string(&path).unwrap();
    for (from, to, what) in [
        ("\"key\": \"MIG", "\"key\": \"", "the key of"),
        ("http://localhost:1", "http://id.example", "it must begin with https://"),
    ] {
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replace(from, to)).unwrap();
        let sentence = book.read().unwrap()[0]
            .phone(Means::of_the_system())
            .err()
            .unwrap()
            .to_string();
        assert!(sentence.contains(what), "{sentence}");
    }
}

#[test]
fn two_writers_wait_for_each_other() {
    let (_folder, _path, book) = place();
    let first = book.hold().unwrap();
    let (done, waits) = mpsc::channel();
    let other = book.clone();
    let second = std::thread::spawn(move || {
        add(&other, account("two"));
        done.send(()).unwrap();
    });
    assert!(
        waits.recv_timeout(Duration::from_millis(300)).is_err(),
        "the second waits"
    );
    let mut first = first;
    first.accounts.push(account("one"));
    first.save(&SystemEntropy).unwrap();
    second.join().unwrap();
    let devices: Vec<String> = book.read().unwrap().into_iter().map(|a| a.device).collect();
    assert_eq!(devices, ["one", "two"], "neither change is lost");
}

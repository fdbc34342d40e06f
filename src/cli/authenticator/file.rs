//! The file with accounts and keys: only its owner reads it, it is replaced whole, and one process writes at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::client::{Client, Means};
use super::link::checked_issuer;
use super::phone::{Begun, Phone};
use super::safe::safe;
use crate::base::encoding::{base64url, from_base64url};
use crate::base::{Entropy, Secret};
use crate::cli::Failure;
use crate::keys::{KeyPair, Kind};

const VERSION: u32 = 1;
/// Bytes; a thousand accounts stay below.
const MOST_BYTES: u64 = 1024 * 1024;
/// Looks at a lock that somebody else has, `PAUSE` apart.
const LOOKS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    version: u32,
    accounts: Vec<Account>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// The id that the server gave.
    pub device: String,
    pub issuer: String,
    pub workspace: String,
    /// Masked until the server has said more.
    pub username: String,
    pub name: String,
    /// PKCS#8, base64url.
    key: Secret<String>,
    /// Seconds that the server's clock is ahead of this device's.
    #[serde(default)]
    pub clock_offset: i64,
    pub paired_at: i64,
}

impl Account {
    pub fn of(begun: &Begun, name: &str) -> Result<Self, Failure> {
        let phone = &begun.phone;
        let der = phone.key().to_pkcs8().map_err(|e| Failure(e.to_string()))?;
        Ok(Self {
            device: phone.id.clone(),
            issuer: phone.client.issuer.clone(),
            workspace: begun.owner.workspace.clone(),
            username: begun.owner.username.clone(),
            name: name.to_owned(),
            key: Secret::new(base64url(der.expose())),
            clock_offset: phone.client.offset(),
            paired_at: phone.client.now(),
        })
    }

    pub fn phone(&self, means: Means) -> Result<Phone, Failure> {
        let der = from_base64url(self.key.expose()).map(Secret::new);
        let key = der.and_then(|der| KeyPair::from_pkcs8(Kind::P256, der.expose()).ok());
        let key = key.ok_or_else(|| {
            Failure(format!(
                "the key of {} is damaged: remove {} --forget, and pair again",
                safe(&self.issuer),
                safe(&self.device)
            ))
        })?;
        // Somebody may have written into the file by hand.
        let issuer = checked_issuer(&self.issuer)?;
        let client = Client::new(&issuer, self.clock_offset, means)?;
        Ok(Phone::of(client, self.device.clone(), key))
    }
}

/// Where the accounts are kept.
#[derive(Clone, Debug)]
pub struct Book {
    path: PathBuf,
}

/// The file as it is, and nobody else's to write until this is dropped.
pub struct Held {
    path: PathBuf,
    _lock: File,
    pub accounts: Vec<Account>,
}

impl Book {
    pub const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where the XDG base directory specification puts it.
    pub fn usual_place() -> Result<PathBuf, Failure> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
        let data = data.ok_or_else(|| Failure::new("neither XDG_DATA_HOME nor HOME is set: say --file PATH"))?;
        Ok(data.join("countersign/authenticator.json"))
    }

    /// The accounts; none where there is no file yet.
    pub fn read(&self) -> Result<Vec<Account>, Failure> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(self.wrong(&format!("cannot be read: {e}"))),
        };
        // Of what was opened, not of what may stand under the name by now.
        let mode = file
            .metadata()
            .map_err(|e| self.wrong(&e.to_string()))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(self.wrong(&format!(
                "others can read or write it (mode {:o}), and it holds private keys; run chmod 600 {}",
                mode & 0o777,
                self.path.display()
            )));
        }
        let mut text = Zeroizing::new(String::new());
        let read = (&mut file).take(MOST_BYTES).read_to_string(&mut text);
        read.map_err(|e| self.wrong(&format!("cannot be read: {e}")))?;
        let content: Content = serde_json::from_str(&text).map_err(|e| {
            self.wrong(&format!(
                "is damaged, and left as it is ({e}): restore it, or move it away and pair again"
            ))
        })?;
        if content.version != VERSION {
            return Err(self.wrong(&format!(
                "has version {}, and this program knows {VERSION}: install a newer countersign",
                content.version
            )));
        }
        Ok(content.accounts)
    }

    /// The accounts, to be changed.
    pub fn hold(&self) -> Result<Held, Failure> {
        let lock = self.lock()?;
        Ok(Held {
            path: self.path.clone(),
            _lock: lock,
            accounts: self.read()?,
        })
    }

    /// On a file beside it, which is never replaced and never removed: a lock on the file itself would be on an old one.
    fn lock(&self) -> Result<File, Failure> {
        let cannot = |e: &dyn std::fmt::Display| self.wrong(&format!("cannot be locked: {e}"));
        let folder = folder(&self.path);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|e| cannot(&e))?;
        let beside = beside(&self.path, "lock");
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(beside);
        let file = file.map_err(|e| cannot(&e))?;
        for _ in 0..LOOKS {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(e)) => return Err(cannot(&e)),
            }
        }
        Err(self.wrong("another countersign authenticator is changing it: try again when that one is done"))
    }

    fn wrong(&self, what: &str) -> Failure {
        Failure(format!("{}: {what}", self.path.display()))
    }
}

impl Held {
    /// Replaces the file whole: after a power cut it is the old one or the new one.
    pub fn save(self, entropy: &dyn Entropy) -> Result<(), Failure> {
        let content = Content {
            version: VERSION,
            accounts: self.accounts,
        };
        let text = Secret::new(serde_json::to_vec_pretty(&content)?);
        let new = beside(&self.path, &format!("{}.new", entropy.id()));
        let saved = write(&new, text.expose()).and_then(|()| std::fs::rename(&new, &self.path));
        if saved.is_err() {
            let _ = std::fs::remove_file(&new);
        }
        // The name has to survive, too.
        let saved = saved.and_then(|()| File::open(folder(&self.path))?.sync_all());
        saved.map_err(|e| Failure(format!("{}: cannot be written: {e}", self.path.display())))
    }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

//! Passwords: Argon2id of our own, other schemes as they were imported (800-63B-4 §3.1.1.2).

pub mod breached;
mod memory;
pub mod rules;

use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{Answer, Ask, Credential, Cx, Factor, Fresh, Kept, Opening, Person, Start, Verdict, Wanted};
use crate::base::encoding::same;
use crate::base::{Entropy, Secret};
use crate::model::MfaCode;
use crate::policy::Method;

pub use breached::Breached;
pub use memory::release as release_memory;

/// OWASP's setting for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const HASH_BYTES: usize = 32;
/// 800-63B-4 §3.1.1.2 asks for at least 64 to be allowed; an upper bound keeps hashing cheap to refuse.
pub const LONGEST_BYTES: usize = 4096;

pub struct Password;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("the password is longer than {LONGEST_BYTES} bytes")]
    TooLong,
    #[error("the password hash is none that we know: argon2, bcrypt and pbkdf2 can be imported")]
    UnknownScheme,
    #[error("hashing failed")]
    Hashing,
}

/// NFC, so that the same characters typed on another keyboard are the same password.
fn normal(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfc().collect())
}

/// Hashes a password for storage, as a PHC string.
pub fn hash(entropy: &dyn Entropy, password: &Secret<String>) -> Result<String, PasswordError> {
    let password = normal(password.expose());
    if password.len() > LONGEST_BYTES {
        return Err(PasswordError::TooLong);
    }
    let mut salt = [0u8; 16];
    entropy.fill(&mut salt);
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).map_err(|_| PasswordError::Hashing)?;
    let mut out = [0u8; HASH_BYTES];
    argon2id(
        Algorithm::Argon2id,
        Version::V0x13,
        params.clone(),
        password.as_bytes(),
        &salt,
        &mut out,
    )?;
    let phc = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: (&params).try_into().map_err(|_| PasswordError::Hashing)?,
        salt: Some(Salt::new(&salt).map_err(|_| PasswordError::Hashing)?),
        hash: Some(Output::new(&out).map_err(|_| PasswordError::Hashing)?),
    };
    Ok(phc.to_string())
}

/// Does this text look like a hash that can be imported?
pub fn check_scheme(hash: &str) -> Result<(), PasswordError> {
    if is_bcrypt(hash) {
        return Ok(());
    }
    let phc = PasswordHash::new(hash).map_err(|_| PasswordError::UnknownScheme)?;
    let known = matches!(
        phc.algorithm.as_str(),
        "argon2id" | "argon2i" | "argon2d" | "pbkdf2-sha256" | "pbkdf2-sha512"
    );
    if known && phc.hash.is_some() && phc.salt.is_some() {
        Ok(())
    } else {
        Err(PasswordError::UnknownScheme)
    }
}

fn is_bcrypt(hash: &str) -> bool {
    ["$2a$", "$2b$", "$2x$", "$2y$"].iter().any(|p| hash.starts_with(p)) && hash.len() == 60
}

fn argon2id(
    algorithm: Algorithm,
    version: Version,
    params: Params,
    password: &[u8],
    salt: &[u8],
    out: &mut [u8],
) -> Result<(), PasswordError> {
    let blocks = params.block_count();
    let context = Argon2::new(algorithm, version, params);
    memory::with_blocks(blocks, |memory| {
        context.hash_password_into_with_memory(password, salt, out, memory)
    })
    .map_err(|_| PasswordError::Hashing)
}

/// Was it hashed otherwise than we do today?
pub fn is_outdated(credential: &Credential) -> bool {
    let today = format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$");
    std::str::from_utf8(credential.secret.expose()).is_ok_and(|stored| !stored.starts_with(&today))
}

/// Does this password belong to the stored hash?
pub fn verify(stored: &str, password: &str) -> bool {
    let password = normal(password);
    if password.len() > LONGEST_BYTES {
        return false;
    }
    if is_bcrypt(stored) {
        return bcrypt::verify(password.as_bytes(), stored).unwrap_or(false);
    }
    let Ok(phc) = PasswordHash::new(stored) else {
        return false;
    };
    if phc.algorithm.as_str().starts_with("pbkdf2") {
        return pbkdf2::Pbkdf2::default()
            .verify_password(password.as_bytes(), &phc)
            .is_ok();
    }
    verify_argon2(&phc, password.as_bytes()).unwrap_or(false)
}

fn verify_argon2(phc: &PasswordHash, password: &[u8]) -> Option<bool> {
    let algorithm = Algorithm::try_from(phc.algorithm.as_str()).ok()?;
    let version = phc
        .version
        .map_or(Some(Version::V0x13), |v| Version::try_from(v).ok())?;
    let params = Params::try_from(phc).ok()?;
    let (salt, expected) = (phc.salt.as_ref()?, phc.hash.as_ref()?);
    let mut out = Zeroizing::new(vec![0u8; expected.len()]);
    argon2id(algorithm, version, params, password, salt, &mut out).ok()?;
    Some(same(&out, expected.as_ref()))
}

/// Costs what a real verification costs, for names that nobody has.
pub fn pretend(password: &str) {
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let _ = verify(NOBODY, password);
}

impl Factor for Password {
    fn method(&self) -> Method {
        Method::Password
    }

    fn slow(&self) -> bool {
        true
    }

    /// A password is set where the person registers, recovers or changes it: there is one, and it has rules of its own.
    fn start_enrolment(&self, _: &Cx<'_>, _: &Person<'_>, _: &[Credential], _: &Wanted) -> Result<Start, MfaCode> {
        Err(MfaCode::MethodRefused)
    }

    fn show_enrolment(&self, _: &Cx<'_>, _: &Kept) -> String {
        String::new()
    }

    fn finish_enrolment(&self, _: &Cx<'_>, _: &Kept, _: &Answer) -> Result<Fresh, MfaCode> {
        Err(MfaCode::MethodRefused)
    }

    fn open(&self, _: &Cx<'_>, _: &Ask<'_>) -> Opening {
        Opening::NOTHING
    }

    fn check(&self, _: &Cx<'_>, _: Option<&Kept>, selected: &Credential, _: &[Credential], answer: &Answer) -> Verdict {
        let Answer::Password(password) = answer else {
            return Verdict::Wrong;
        };
        let Ok(stored) = std::str::from_utf8(selected.secret.expose()) else {
            return Verdict::Wrong;
        };
        if verify(stored, password.expose()) {
            Verdict::right()
        } else {
            Verdict::Wrong
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SystemEntropy;

    #[test]
    fn a_hash_of_ours_verifies_only_its_password() {
        let stored = hash(&SystemEntropy, &"correct horse battery".into()).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(check_scheme(&stored).is_ok());
        assert!(verify(&stored, "correct horse battery"));
        assert!(!verify(&stored, "correct horse batterz"));
        assert!(!verify(&stored, ""));
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same_password() {
        let stored = hash(&SystemEntropy, &"p\u{e9}rez-clinic".into()).unwrap();
        assert!(verify(&stored, "pe\u{301}rez-clinic"));
    }

    #[test]
    fn imported_schemes_verify_and_others_are_refused() {
        let bcrypt = bcrypt::hash("import me", 4).unwrap();
        assert!(check_scheme(&bcrypt).is_ok() && verify(&bcrypt, "import me") && !verify(&bcrypt, "import you"));
        // RFC 7914 §11's PBKDF2-HMAC-SHA-256 inputs, in PHC form with 32 bytes of output.
        let pbkdf2 = "$pbkdf2-sha256$i=4096,l=32$c2FsdHNhbHQ$";
        assert!(check_scheme(pbkdf2).is_err(), "a hash without output is none");
        assert_eq!(check_scheme("$1$md5$crypt"), Err(PasswordError::UnknownScheme));
        assert_eq!(check_scheme("plain"), Err(PasswordError::UnknownScheme));
    }

    #[test]
    fn pbkdf2_as_exported_elsewhere_verifies() {
        // hashlib.pbkdf2_hmac('sha256', b'import me', b'saltsaltsaltsalt', 1000), unpadded base64.
        let stored = "$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHRzYWx0c2FsdA$jC3OKt9YURnpNWuoYTq+nG6IwD3xTR0Qa4aAbPon8eU";
        assert!(check_scheme(stored).is_ok());
        assert!(verify(stored, "import me"));
        assert!(!verify(stored, "import you"));
    }
}

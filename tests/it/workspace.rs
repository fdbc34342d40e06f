//! The workspace of the tests: a partner for every way of authenticating and every kind of policy, and four people.

use std::sync::OnceLock;

use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::encoding::EcPublicKeyUncompressedBin;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use countersign::base::encoding::base64url;

/// Somebody with a password and one way of proving possession that the pages are answered with.
#[derive(Clone, Copy, Debug)]
pub struct Persona {
    pub username: &'static str,
    pub password: &'static str,
    pub second: Second,
}

#[derive(Clone, Copy, Debug)]
pub enum Second {
    Nothing,
    Totp(Device),
    Sms(&'static str),
    Voice(&'static str),
}

/// A code generator.
#[derive(Clone, Copy, Debug)]
pub struct Device {
    pub nickname: &'static str,
    pub secret: &'static str,
}

impl Persona {
    pub const fn with(self, second: Second) -> Self {
        Self { second, ..self }
    }
}

pub const OFFICE: Device = Device {
    nickname: "Office iPhone",
    secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
};
pub const HOME: Device = Device {
    nickname: "Home tablet",
    secret: "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U",
};
pub const LEES: Device = Device {
    nickname: "Lee's phone",
    secret: "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU",
};

/// A prescriber: two code generators; her group forbids her text messages and calls.
pub const RIVERA: Persona = Persona {
    username: "rivera",
    password: "correct-horse-rivera",
    second: Second::Totp(OFFICE),
};
pub const RIVERAS_NUMBER: &str = "+14155550801";
/// Has every method, and no group.
pub const LEE: Persona = Persona {
    username: "lee",
    password: "correct-horse-lee-0",
    second: Second::Totp(LEES),
};
pub const LEES_MOBILE: &str = "+14155550102";
pub const LEES_DESK: &str = "+14155550103";
/// Only a password; every standard claim.
pub const PAT: Persona = Persona {
    username: "pat",
    password: "correct-horse-pat-0",
    second: Second::Nothing,
};
/// A password and a text message.
pub const SAM: Persona = Persona {
    username: "sam",
    password: "correct-horse-sam-0",
    second: Second::Sms(SAMS_MOBILE),
};
pub const SAMS_MOBILE: &str = "+14155550105";

pub const BASIC_SECRET: &str = "secret-of-the-basic-client-0123456789";
pub const POST_SECRET: &str = "secret-of-the-post-client-9876543210";
pub const EPCS_SECRET: &str = "secret-of-the-epcs-client-1357924680";

/// Everything above that may never be in a log.
pub fn secrets() -> Vec<&'static str> {
    let mut all: Vec<&str> = [RIVERA, LEE, PAT, SAM].iter().map(|p| p.password).collect();
    all.extend([OFFICE, HOME, LEES].iter().map(|d| d.secret));
    all.extend([BASIC_SECRET, POST_SECRET, EPCS_SECRET]);
    all
}

/// The key of the partner that authenticates with private_key_jwt, made anew by every run.
pub fn partner_key() -> &'static PartnerKey {
    static KEY: OnceLock<PartnerKey> = OnceLock::new();
    KEY.get_or_init(|| {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let public: EcPublicKeyUncompressedBin<'_> = pair.public_key().as_be_bytes().unwrap();
        let point = public.as_ref();
        PartnerKey {
            pkcs8: pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            x: base64url(&point[1..33]),
            y: base64url(&point[33..65]),
        }
    })
}

pub struct PartnerKey {
    pub pkcs8: Vec<u8>,
    pub x: String,
    pub y: String,
}

pub fn text() -> String {
    let key = partner_key();
    TEXT.replace("KEY_X", &key.x).replace("KEY_Y", &key.y)
}

const TEXT: &str = r#"
[workspace]
name = "Cedar Health ID"
methods = ["password", "totp", "push", "webauthn", "sms", "voice", "recovery_code"]

[[pools]]
name = "default"
first_factor = ["password", "webauthn", "push"]
second_factor = ["totp", "push", "webauthn", "sms", "voice", "recovery_code"]
preferred = { first = "password", second = "push" }

[[policies]]
name = "epcs"
required_acr = "urn:countersign:acr:epcs"
deny_methods = ["sms", "voice", "recovery_code"]

[[policies]]
name = "epcs-user"
deny_methods = ["sms", "voice"]

[[policies]]
name = "risk-accepted"
allow_restricted = true

[[groups]]
name = "epcs_prescriber"
policies = ["epcs-user"]

[[clients]]
client_id = "basic"
client_name = "Basic Partner"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://rp.example/cb"]
post_logout_redirect_uris = ["https://rp.example/out"]
grant_types = ["authorization_code", "refresh_token"]
scope = "openid profile email address phone offline_access evidence"
consent = "implicit"

[[clients]]
client_id = "post"
client_secret = "secret-of-the-post-client-9876543210"
token_endpoint_auth_method = "client_secret_post"
redirect_uris = ["https://post.example/cb"]
grant_types = ["authorization_code", "refresh_token"]
scope = "openid profile email offline_access"
refresh_rotation = "none"
consent = "implicit"

[[clients]]
client_id = "key"
token_endpoint_auth_method = "private_key_jwt"
jwks = { keys = [{ kty = "EC", crv = "P-256", x = "KEY_X", y = "KEY_Y", kid = "partner-1", use = "sig", alg = "ES256" }] }
redirect_uris = ["https://key.example/cb"]
grant_types = ["authorization_code", "refresh_token"]
scope = "openid profile offline_access"
refresh_rotation = "migration"
consent = "implicit"

[[clients]]
client_id = "spa"
token_endpoint_auth_method = "none"
redirect_uris = ["https://spa.example/cb"]
grant_types = ["authorization_code", "refresh_token"]
scope = "openid profile offline_access"
consent = "implicit"

[[clients]]
client_id = "epcs"
client_name = "Cedar Clinic EHR"
client_secret = "secret-of-the-epcs-client-1357924680"
redirect_uris = ["https://ehr.example/cb"]
grant_types = ["authorization_code", "refresh_token"]
scope = "openid profile offline_access evidence"
policies = ["epcs"]
access_token_lifetime = 3600
id_token_lifetime = 3600
consent = "implicit"

# The same, and its codes live long enough to grow stale.
[[clients]]
client_id = "epcs-slow"
client_secret = "secret-of-the-epcs-client-1357924680"
redirect_uris = ["https://slow.example/cb"]
policies = ["epcs"]
authorization_code_lifetime = 600
consent = "implicit"

[[clients]]
client_id = "restricted"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://restricted.example/cb"]
policies = ["risk-accepted"]
consent = "implicit"

# The default: consent is asked, and remembered.
[[clients]]
client_id = "asking"
client_name = "Asking Partner"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://asking.example/cb"]
scope = "openid profile email"

[[clients]]
client_id = "always"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://always.example/cb"]
consent = "required"

[[clients]]
client_id = "hybrid"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://hybrid.example/cb"]
response_types = ["code", "code id_token"]
grant_types = ["authorization_code", "implicit"]
consent = "implicit"

[[clients]]
client_id = "rs256"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://rs256.example/cb"]
id_token_signed_response_alg = "RS256"
consent = "implicit"

[[clients]]
client_id = "ps256"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://ps256.example/cb"]
id_token_signed_response_alg = "PS256"
consent = "implicit"

[[clients]]
client_id = "eddsa"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://eddsa.example/cb"]
id_token_signed_response_alg = "EdDSA"
consent = "implicit"

[[users]]
username = "rivera"
email = "rivera@cedar.example"
password = "correct-horse-rivera"
name = "Dr. Ana Rivera"
given_name = "Ana"
family_name = "Rivera"
groups = ["epcs_prescriber"]
[[users.authenticators]]
method = "totp"
nickname = "Office iPhone"
secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
primary = true
[[users.authenticators]]
method = "totp"
nickname = "Home tablet"
secret = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
[[users.authenticators]]
method = "sms"
nickname = "Mobile"
phone_number = "+14155550801"
[[users.authenticators]]
method = "voice"
nickname = "Mobile (call)"
phone_number = "+14155550801"

[[users]]
username = "lee"
email = "lee@cedar.example"
password = "correct-horse-lee-0"
name = "Lee Park"
[[users.authenticators]]
method = "totp"
nickname = "Lee's phone"
secret = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
primary = true
[[users.authenticators]]
method = "sms"
nickname = "Mobile"
phone_number = "+14155550102"
[[users.authenticators]]
method = "voice"
nickname = "Desk"
phone_number = "+14155550103"

[[users]]
username = "pat"
email = "pat@mail.example"
email_verified = false
password = "correct-horse-pat-0"
name = "Pat Q. Doe"
given_name = "Pat"
middle_name = "Q."
family_name = "Doe"
nickname = "Patty"
profile = "https://pat.example/me"
picture = "https://pat.example/me.png"
website = "https://pat.example"
gender = "unspecified"
birthdate = "1990-02-28"
zoneinfo = "America/Chicago"
locale = "en-US"
phone_number = "+14155550104"
phone_number_verified = true
address = { street_address = "1 Main St", locality = "Cedar", postal_code = "50000", country = "US", formatted = "1 Main St\nCedar 50000" }

[[users]]
username = "sam"
email = "sam@mail.example"
password = "correct-horse-sam-0"
[[users.authenticators]]
method = "sms"
nickname = "Phone"
phone_number = "+14155550105"
"#;

//! The closed vocabularies: what may stand in a parameter or in client metadata, each with its wire name.

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $wire:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $wire)] $variant,)*
        }
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* }
            }
            /// `None`: a word that we do not know.
            pub fn from_word(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|w| w.as_str() == text)
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

words! {
    /// How a client gets tokens (`grant_types`).
    GrantType {
        AuthorizationCode = "authorization_code",
        RefreshToken = "refresh_token",
        /// RFC 8628 §3.4.
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        /// CIBA Core 1.0 §4.
        Ciba = "urn:openid:params:grant-type:ciba",
        /// Not a grant at our token endpoint: hybrid clients have to register it (OIDC Registration §2).
        Implicit = "implicit",
        /// RFC 6749 §4.4.
        ClientCredentials = "client_credentials",
        /// RFC 8693 §2.1.
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
    }
    /// What an access token looks like.
    TokenFormat {
        /// It says what it is worth, signed (RFC 9068).
        Jwt = "jwt",
        /// It says nothing; whoever it is for asks (RFC 7662).
        Opaque = "opaque",
    }
    /// What the authorization endpoint answers with (OAuth 2.0 Multiple Response Types §5).
    ResponseType {
        Code = "code",
        CodeIdToken = "code id_token",
    }
    /// How the answer travels back (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode).
    ResponseMode {
        Query = "query",
        Fragment = "fragment",
        FormPost = "form_post",
        // As one signed JWT (JARM §2.3).
        QueryJwt = "query.jwt",
        FragmentJwt = "fragment.jwt",
        FormPostJwt = "form_post.jwt",
        /// The one of these that is the default of the response type (JARM §2.3.4); never stored.
        Jwt = "jwt",
    }
    /// `backchannel_token_delivery_mode` (CIBA Core §5). Not `push`: FAPI-CIBA §5.2.2 forbids it, and tokens belong to who has
    /// shown who they are.
    DeliveryMode {
        Poll = "poll",
        Ping = "ping",
    }
    /// `token_endpoint_auth_method`.
    AuthMethod {
        ClientSecretBasic = "client_secret_basic",
        ClientSecretPost = "client_secret_post",
        ClientSecretJwt = "client_secret_jwt",
        PrivateKeyJwt = "private_key_jwt",
        TlsClientAuth = "tls_client_auth",
        SelfSignedTlsClientAuth = "self_signed_tls_client_auth",
        /// A public client: it cannot keep a secret.
        None = "none",
    }
    /// JWS algorithms (RFC 7518, RFC 8037). No MAC, and never `none`.
    SigningAlg {
        Es256 = "ES256",
        Ps256 = "PS256",
        EdDsa = "EdDSA",
        Rs256 = "RS256",
    }
    /// `request_object_signing_alg` (OIDC Registration §2): the only place where no signature can be registered.
    RequestObjectAlg {
        Es256 = "ES256",
        Ps256 = "PS256",
        EdDsa = "EdDSA",
        Rs256 = "RS256",
        None = "none",
    }
    /// `token_endpoint_auth_signing_alg`: the only place where a MAC can be registered (OIDC Core §9).
    AssertionAlg {
        Es256 = "ES256",
        Ps256 = "PS256",
        EdDsa = "EdDSA",
        Rs256 = "RS256",
        Hs256 = "HS256",
        Hs384 = "HS384",
        Hs512 = "HS512",
    }
    /// How the key of a JWE is told or agreed on (RFC 7518 §4.1). Never RSA1_5, and no shared secrets.
    EncryptionAlg {
        RsaOaep256 = "RSA-OAEP-256",
        EcdhEs = "ECDH-ES",
        EcdhEsA128Kw = "ECDH-ES+A128KW",
        EcdhEsA256Kw = "ECDH-ES+A256KW",
    }
    /// How the content of a JWE is encrypted (RFC 7518 §5.1).
    ContentEncryption {
        A128CbcHs256 = "A128CBC-HS256",
        A256CbcHs512 = "A256CBC-HS512",
        A128Gcm = "A128GCM",
        A256Gcm = "A256GCM",
    }
    SubjectType {
        Public = "public",
        Pairwise = "pairwise",
    }
    ApplicationType {
        Web = "web",
        Native = "native",
    }
    /// `prompt` (OIDC Core §3.1.2.1).
    Prompt {
        None = "none",
        Login = "login",
        Consent = "consent",
        SelectAccount = "select_account",
    }
    /// `display` (OIDC Core §3.1.2.1).
    #[derive(Default)]
    Display {
        #[default]
        Page = "page",
        Popup = "popup",
        Touch = "touch",
        Wap = "wap",
    }
    /// Which rules a client lives by.
    Profile {
        /// OpenID Connect Core and RFC 9700.
        Oidc = "oidc",
        /// FAPI 2.0 Security Profile.
        Fapi2 = "fapi2",
    }
    /// What happens to a refresh token when it is used.
    RefreshRotation {
        /// It stays (FAPI 2.0 §5.3.2.1: confidential clients gain nothing from rotation).
        None = "none",
        /// It is replaced; the old one used again ends the family (RFC 9700 §4.14.2).
        Rotate = "rotate",
        /// It is replaced; the old one still works for a short while, so that a lost answer loses nothing.
        Migration = "migration",
    }
    /// When the person is asked whether the client may have what it asks for.
    Consent {
        /// Each time.
        Required = "required",
        /// Until it asks for something new.
        Remembered = "remembered",
        /// Never: the client belongs to whoever runs the workspace.
        Implicit = "implicit",
    }
}

impl ResponseType {
    /// Names in any order (OAuth 2.0 Multiple Response Types §3: the order does not matter).
    pub fn parse(text: &str) -> Option<Self> {
        let mut names: Vec<&str> = text.split(' ').filter(|n| !n.is_empty()).collect();
        names.sort_unstable();
        Self::from_word(&names.join(" "))
    }
    /// Does an ID token travel through the browser?
    pub const fn has_front_channel_token(self) -> bool {
        match self {
            Self::Code => false,
            Self::CodeIdToken => true,
        }
    }
    /// OAuth 2.0 Multiple Response Types §5: fragment as soon as a token is in it.
    pub const fn default_mode(self) -> ResponseMode {
        match self {
            Self::Code => ResponseMode::Query,
            Self::CodeIdToken => ResponseMode::Fragment,
        }
    }
}

impl GrantType {
    /// Does something begin with it? The others only go on.
    pub const fn begins(self) -> bool {
        match self {
            Self::AuthorizationCode | Self::DeviceCode | Self::Ciba | Self::ClientCredentials | Self::TokenExchange => {
                true
            }
            Self::RefreshToken | Self::Implicit => false,
        }
    }
    /// Is it for clients that can keep a secret alone? RFC 6749 §4.4: MUST. With token exchange a name would be enough to
    /// make something of a token that was found (RFC 8693 §2.1), and with CIBA to ring somebody's phone.
    pub const fn is_confidential(self) -> bool {
        matches!(self, Self::ClientCredentials | Self::TokenExchange | Self::Ciba)
    }
}

impl ResponseMode {
    /// One that says how the answer travels. `jwt` leaves that to the response type (JARM §2.3.4).
    #[must_use]
    pub const fn resolved(self, front_channel_token: bool) -> Self {
        match self {
            Self::Jwt if front_channel_token => Self::FragmentJwt,
            Self::Jwt => Self::QueryJwt,
            other => other,
        }
    }
    pub const fn is_signed(self) -> bool {
        match self {
            Self::Query | Self::Fragment | Self::FormPost => false,
            Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt | Self::Jwt => true,
        }
    }
    /// The same road without a signature.
    #[must_use]
    pub const fn road(self) -> Self {
        match self {
            Self::Query | Self::QueryJwt => Self::Query,
            Self::FormPost | Self::FormPostJwt => Self::FormPost,
            Self::Fragment | Self::FragmentJwt | Self::Jwt => Self::Fragment,
        }
    }
}

impl RequestObjectAlg {
    /// `None`: it is not signed.
    pub const fn signing(self) -> Option<SigningAlg> {
        match self {
            Self::Es256 => Some(SigningAlg::Es256),
            Self::Ps256 => Some(SigningAlg::Ps256),
            Self::EdDsa => Some(SigningAlg::EdDsa),
            Self::Rs256 => Some(SigningAlg::Rs256),
            Self::None => None,
        }
    }
}

impl AssertionAlg {
    /// `None`: it is a MAC.
    pub const fn signing(self) -> Option<SigningAlg> {
        match self {
            Self::Es256 => Some(SigningAlg::Es256),
            Self::Ps256 => Some(SigningAlg::Ps256),
            Self::EdDsa => Some(SigningAlg::EdDsa),
            Self::Rs256 => Some(SigningAlg::Rs256),
            Self::Hs256 | Self::Hs384 | Self::Hs512 => None,
        }
    }
    /// Bytes of the shortest secret (RFC 7518 §3.2); `None`: it takes none.
    pub const fn least_secret(self) -> Option<usize> {
        match self {
            Self::Hs256 => Some(32),
            Self::Hs384 => Some(48),
            Self::Hs512 => Some(64),
            Self::Es256 | Self::Ps256 | Self::EdDsa | Self::Rs256 => None,
        }
    }
}

impl AuthMethod {
    pub const fn uses_secret(self) -> bool {
        matches!(
            self,
            Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt
        )
    }
    /// RFC 8705 §2.
    pub const fn uses_certificate(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_types_in_any_order() {
        for (text, expected) in [
            ("code", Some(ResponseType::Code)),
            ("code id_token", Some(ResponseType::CodeIdToken)),
            ("id_token code", Some(ResponseType::CodeIdToken)),
            ("token", None),
            ("code code", None),
            ("none", None),
            ("", None),
        ] {
            assert_eq!(ResponseType::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn wire_names_come_back() {
        for alg in SigningAlg::ALL {
            assert_eq!(SigningAlg::from_word(alg.as_str()), Some(*alg));
            assert_eq!(serde_json::to_value(alg).unwrap(), alg.as_str());
        }
    }
}

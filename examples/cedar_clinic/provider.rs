//! The conversation with the OpenID Provider: discovery, authorization requests, code exchange, ID token, userinfo,
//! logout. It knows nothing of pages and sessions.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

// This file speaks the crate's language throughout.
use openidconnect::{core::*, url::Url, *};
use serde_json::json;

use super::{
    Clock, Error, Settings,
    proof::{Claims, EPCS, Extra},
    registry::Challenge,
};

const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_RESPONSE_BYTES: usize = 1 << 20;
/// The algorithm registered for our ID tokens (`id_token_signed_response_alg`). Pinned: the token's own header does
/// not get to choose (RFC 8725 §3.1).
const ID_TOKEN_ALG: CoreJwsSigningAlgorithm = CoreJwsSigningAlgorithm::EcdsaP256Sha256;

/// What the person is sent to the provider for.
#[derive(Clone, Debug)]
pub enum Purpose {
    SignIn,
    /// The step-up: this very person signs.
    Sign {
        signer: SubjectIdentifier,
    },
    /// A token for the registry; with what the registry has demanded.
    History {
        person: SubjectIdentifier,
        challenge: Option<Challenge>,
    },
}

/// What must be remembered until the provider answers. Each is good for one answer.
#[derive(Debug)]
pub struct Request {
    pub state: CsrfToken,
    pub nonce: Nonce,
    pub verifier: PkceCodeVerifier,
    pub purpose: Purpose,
}

pub type ClinicIdToken = IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// A token response whose ID token has been verified.
pub struct Answer {
    pub claims: Claims,
    pub id_token: ClinicIdToken,
    pub access_token: AccessToken,
}

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("the provider's metadata or keys could not be read")]
    Discovery(#[from] Box<DiscoveryError<HttpError>>),
    #[error("the provider did not redeem the code")]
    Exchange(#[from] Box<RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>>),
    #[error("the provider's answer about the person could not be used")]
    UserInfo(#[from] Box<UserInfoError<HttpError>>),
    #[error("the provider's metadata lacks something")]
    Metadata(#[from] ConfigurationError),
    #[error("the token response holds no ID token")]
    NoIdToken,
    #[error("the ID token is not genuine, or not for this request: {0}")]
    IdToken(#[from] ClaimsVerificationError),
    #[error("the access token is not the one that the ID token names")]
    AccessTokenHash,
}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Extra,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// `CoreClient` with our extra claims.
type ClinicClient = Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What discovery told us.
struct Known {
    client: ClinicClient,
    end_session: Option<EndSessionUrl>,
}

pub struct Provider {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: ClientSecret,
    callback: RedirectUrl,
    home: PostLogoutRedirectUrl,
    registry: String,
    http: Http,
    known: RwLock<Option<Arc<Known>>>,
    clock: Clock,
}

impl Provider {
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let public = settings.public_url.trim_end_matches('/');
        let bad = |name, value: &str| {
            let value = value.to_owned();
            move |source| Error::Url { name, value, source }
        };
        Ok(Self {
            http: Http::new(settings.trust_anchor.as_deref())?,
            callback: RedirectUrl::new(format!("{public}/callback")).map_err(bad("public URL", public))?,
            home: PostLogoutRedirectUrl::new(format!("{public}/")).map_err(bad("public URL", public))?,
            issuer: IssuerUrl::new(settings.issuer.clone()).map_err(bad("issuer", &settings.issuer))?,
            registry: settings.registry_url,
            client_id: ClientId::new(settings.client_id),
            client_secret: ClientSecret::new(settings.client_secret),
            known: RwLock::new(None),
            clock: settings.clock,
        })
    }

    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// The provider's origin, for our Content-Security-Policy.
    pub fn origin(&self) -> String {
        self.issuer.url().origin().ascii_serialization()
    }

    /// The address to send the browser to, and what to remember until it comes back.
    pub async fn request(&self, purpose: Purpose) -> Result<(Url, Request), Failure> {
        let known = self.known().await?;
        // RFC 7636 S256, also for a confidential client: RFC 9700 §2.1.1.
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let mut request = known
            .client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge);
        match &purpose {
            Purpose::SignIn => {
                let scopes = ["profile", "email", "evidence"];
                request = request.add_scopes(scopes.map(|scope| Scope::new(scope.into())));
            }
            Purpose::Sign { signer } => {
                request = request
                    .add_scope(Scope::new("evidence".into()))
                    // RFC 9470 §4 for the access token …
                    .add_auth_context_value(AuthenticationContextClass::new(EPCS.into()))
                    // … and OIDC Core §5.5.1.1 for the ID token: `acr_values` alone is a wish, which the provider
                    // may leave unmet; an essential `acr` is met, or the request fails.
                    .add_extra_param("claims", signing_claims(signer));
            }
            Purpose::History { challenge, .. } => {
                // RFC 8707 §2: a token that opens the registry and nothing else.
                request = request
                    .add_scope(Scope::new("history".into()))
                    .add_extra_param("resource", self.registry.clone());
                for acr in challenge.iter().flat_map(|asked| &asked.acr_values) {
                    // RFC 9470 §4: as the registry has said it.
                    request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
                }
                if let Some(age) = challenge.as_ref().and_then(|asked| asked.max_age) {
                    request = request.set_max_age(Duration::from_secs(age));
                }
            }
        }
        let (url, state, nonce) = request.url();
        Ok((
            url,
            Request {
                state,
                nonce,
                verifier,
                purpose,
            },
        ))
    }

    /// Redeems the code and verifies the ID token (OIDC Core §3.1.3.7): signature, `iss`, `aud`, `exp`, `nonce`,
    /// `at_hash`.
    pub async fn redeem(&self, code: String, nonce: &Nonce, verifier: PkceCodeVerifier) -> Result<Answer, Failure> {
        let known = self.known().await?;
        let tokens = known
            .client
            .exchange_code(AuthorizationCode::new(code))?
            .set_pkce_verifier(verifier)
            .request_async(&self.http)
            .await
            .map_err(Box::new)?;
        let id_token = tokens.id_token().ok_or(Failure::NoIdToken)?;
        let access_token = tokens.access_token();
        let claims = match self.verify(&known, id_token, nonce, access_token) {
            Err(Failure::IdToken(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            ))) => {
                // The provider has turned its keys (OIDC Core §10.1.1): read them again, once.
                self.verify(&*self.discover().await?, id_token, nonce, access_token)?
            }
            verdict => verdict?,
        };
        Ok(Answer {
            claims,
            id_token: id_token.clone(),
            access_token: access_token.clone(),
        })
    }

    /// The person's name. `sub` must be the ID token's (OIDC Core §5.3.2).
    pub async fn name(&self, answer: &Answer) -> Result<String, Failure> {
        let known = self.known().await?;
        let person: UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim> = known
            .client
            .user_info(answer.access_token.clone(), Some(answer.claims.subject().clone()))?
            .request_async(&self.http)
            .await
            .map_err(Box::new)?;
        let name = person
            .name()
            .and_then(|name| name.get(None))
            .map(|name| name.to_string());
        Ok(name.unwrap_or_else(|| person.subject().to_string()))
    }

    /// Where to send the browser so that the provider's session ends too (RP-Initiated Logout §2).
    pub async fn logout_url(&self, id_token: &ClinicIdToken, state: CsrfToken) -> Result<Option<Url>, Failure> {
        let endpoint = self.known().await?.end_session.clone();
        Ok(endpoint.map(|endpoint| {
            LogoutRequest::from(endpoint)
                .set_id_token_hint(id_token)
                .set_client_id(self.client_id.clone())
                .set_post_logout_redirect_uri(self.home.clone())
                .set_state(state)
                .http_get_url()
        }))
    }

    fn verify(
        &self,
        known: &Known,
        id_token: &ClinicIdToken,
        nonce: &Nonce,
        access_token: &AccessToken,
    ) -> Result<Claims, Failure> {
        let clock = self.clock.clone();
        let verifier: IdTokenVerifier<'_, CoreJsonWebKey> = known
            .client
            .id_token_verifier()
            .set_allowed_algs([ID_TOKEN_ALG])
            .set_time_fn(move || clock().into());
        let claims = id_token.claims(&verifier, nonce)?;
        // OIDC Core §3.1.3.8: where the claim is present, it must match.
        if let Some(said) = claims.access_token_hash() {
            let key = id_token
                .signing_key(&verifier)
                .map_err(ClaimsVerificationError::SignatureVerification)?;
            match AccessTokenHash::from_token(access_token, &ID_TOKEN_ALG, key) {
                Ok(hash) if hash == *said => {}
                _ => return Err(Failure::AccessTokenHash),
            }
        }
        Ok(claims.clone())
    }

    async fn known(&self) -> Result<Arc<Known>, Failure> {
        let cached = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        match cached {
            Some(known) => Ok(known),
            None => self.discover().await,
        }
    }

    async fn discover(&self) -> Result<Arc<Known>, Failure> {
        let metadata = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.http)
            .await
            .map_err(Box::new)?;
        let end_session = metadata.additional_metadata().end_session_endpoint.clone();
        let client = Client::from_provider_metadata(metadata, self.client_id.clone(), Some(self.client_secret.clone()))
            .set_auth_type(AuthType::BasicAuth)
            .set_redirect_uri(self.callback.clone());
        let known = Arc::new(Known { client, end_session });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }
}

/// The `claims` parameter of a signing: this acr or none, this person or none (OIDC Core §5.5.1, §5.5.1.1).
fn signing_claims(signer: &SubjectIdentifier) -> String {
    json!({"id_token": {
        "acr": {"essential": true, "values": [EPCS]},
        "sub": {"value": signer.as_str()},
    }})
    .to_string()
}

/// reqwest, as `openidconnect` wants an HTTP client.
struct Http(reqwest::Client);

#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("no answer from the provider")]
    Network(#[from] reqwest::Error),
    #[error("the provider's answer is not HTTP")]
    Http(#[from] http::Error),
    #[error("the provider's answer is longer than {MAX_RESPONSE_BYTES} bytes")]
    TooLong,
}

impl Http {
    fn new(trust_anchor: Option<&[u8]>) -> Result<Self, reqwest::Error> {
        let anchors = trust_anchor
            .map(reqwest::Certificate::from_pem_bundle)
            .transpose()?
            .unwrap_or_default();
        // No redirects: the metadata names the endpoints, and nobody else does.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT);
        Ok(Self(client.tls_certs_merge(anchors).build()?))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        Ok(answer.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

//! What OAuth 2 and OpenID Connect say: the words of requests and answers, parsed into types that cannot be wrong.
//!
//! Owns: parameters, client metadata, authorization and token requests, client authentication, error codes,
//! challenges, claims, the discovery document, logout. Everything here is a pure function of its arguments.
//!
//! Must not know: HTTP libraries, storage, people, factors, policies, keys. Signatures are checked before claims
//! come here; whether an acr is met is decided after the request was parsed here.

pub mod errors;
pub mod params;
pub mod scope;
pub mod pkce;
pub mod words;
pub mod encryption;
pub mod client;
pub mod subject;
pub mod client_check;
pub mod uri;
pub mod audience;
pub mod resource;
pub mod claims_request;
pub mod rar;
pub mod redirect;
mod no_return;
pub mod way_back;
pub mod request_uri;
pub mod authorize;
pub mod token_exchange;
pub mod token;
pub mod token_named;
pub mod distinguished_name;
pub mod certificate;
pub mod client_auth;
pub mod request_object;
pub mod device;
pub mod backchannel;
pub mod dpop;
pub mod bearer;
pub mod challenge;
pub mod claims;
pub mod introspection;
pub mod metadata;
pub mod resource_metadata;
pub mod registration;
pub mod third_party_login;
pub mod logout;
pub mod session_management;

#[cfg(test)]
mod robustness;

pub use authorize::{AuthorizationRequest, Channel, NoReturn};
pub use bearer::AccessTokenPresented;
pub use challenge::{Challenge, TokenScheme};
pub use claims_request::{ClaimRequest, ClaimsRequest};
pub use client::{Client, ClientError, ClientMetadata};
pub use client_auth::ClientCredentials;
pub use errors::{ErrorCode, OAuthError};
pub use logout::LogoutRequest;
pub use params::{ParamError, Params};
pub use pkce::{CodeChallenge, CodeVerifier};
pub use redirect::{Delivery, ReturnAddress};
pub use scope::Scopes;
pub use token::{TokenRequest, TokenResponse};
pub use words::*;

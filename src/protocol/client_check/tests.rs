use super::super::client::ClientMetadata;

use super::*;
use crate::base::Seconds;
use crate::protocol::words::{GrantType, ResponseType};
use serde_json::{Value, json};

fn metadata(changes: Value) -> ClientMetadata {
    let mut all = json!({
        "client_id": "a",
        "client_secret": "a-secret-of-sufficient-length",
        "redirect_uris": ["https://a.example/cb"]
    });
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    serde_json::from_value(all).unwrap()
}

#[test]
fn defaults_are_those_of_the_registration_rfc() {
    let client = metadata(json!({})).check().unwrap();
    assert_eq!(client.auth, AuthMethod::ClientSecretBasic);
    assert_eq!(client.grant_types, [GrantType::AuthorizationCode]);
    assert_eq!(client.response_types, [ResponseType::Code]);
    assert_eq!(client.id_token_alg, SigningAlg::Es256);
    assert_eq!(client.consent, Consent::Remembered);
    assert_eq!(client.refresh_rotation, RefreshRotation::Rotate);
    assert_eq!(client.code_lifetime, Seconds(60));
    assert!(!client.require_pkce && !client.require_par && !client.is_public());
    assert!(client.scope.contains("evidence"));
    assert_eq!(client.name, "a");
}

#[test]
fn public_clients_and_fapi2_tighten() {
    let public = json!({"client_secret": null, "token_endpoint_auth_method": "none"});
    let client = metadata(public).check().unwrap();
    assert!(client.is_public() && client.require_pkce);

    let fapi = json!({
        "client_secret": null, "profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}
    });
    let client = metadata(fapi).check().unwrap();
    assert!(client.require_pkce && client.require_par);
    assert!(client.require_dpop && client.require_dpop_nonce);
    assert_eq!(client.refresh_rotation, RefreshRotation::None);
    for algs in [client.assertion_algs(), client.dpop_algs()] {
        assert!(!algs.contains(&SigningAlg::Rs256));
    }

    let bound = metadata(json!({"dpop_bound_access_tokens": true})).check().unwrap();
    assert!(bound.require_dpop && !bound.require_dpop_nonce);
    let plain = metadata(json!({"dpop_require_nonce": true})).check().unwrap();
    assert!(!plain.require_dpop && plain.require_dpop_nonce);
}

fn assert_refused(table: &[(Value, &str)]) {
    for (changes, member) in table {
        let error = metadata(changes.clone()).check().unwrap_err();
        assert_eq!(error.member, *member, "{changes}: {error}");
        assert!(error.to_string().starts_with("client "), "{error}");
    }
}

#[test]
fn secrets_keys_and_certificates_have_to_fit_the_method() {
    let jwks = json!({"keys": [{"kty": "EC"}]});
    assert_refused(&[
        (
            json!({"token_endpoint_auth_method": "tls_client_auth"}),
            "tls_client_auth_subject_dn",
        ),
        (
            json!({"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=a",
                "tls_client_auth_san_dns": "a.example"}),
            "tls_client_auth_san_dns",
        ),
        (
            json!({"token_endpoint_auth_method": "self_signed_tls_client_auth"}),
            "jwks",
        ),
        // 29 bytes.
        (
            json!({"token_endpoint_auth_method": "client_secret_jwt"}),
            "client_secret",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_jwt", "client_secret": "x".repeat(31)}),
            "client_secret",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_jwt", "client_secret": "x".repeat(63),
                "token_endpoint_auth_signing_alg": "HS512"}),
            "client_secret",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_jwt", "client_secret": null,
                "client_secret_hash": "x"}),
            "client_secret",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_jwt", "client_secret": "x".repeat(32),
                "token_endpoint_auth_signing_alg": "ES256"}),
            "token_endpoint_auth_signing_alg",
        ),
        (
            json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
                "token_endpoint_auth_signing_alg": "HS256"}),
            "token_endpoint_auth_signing_alg",
        ),
        (
            json!({"profile": "fapi2", "token_endpoint_auth_method": "client_secret_jwt", "client_secret": "x".repeat(64)}),
            "token_endpoint_auth_method",
        ),
    ]);
}

#[test]
fn what_does_not_fit_is_refused_and_the_member_is_named() {
    let jwks = json!({"keys": [{"kty": "EC"}]});
    assert_refused(&[
        (json!({"client_id": ""}), "client_id"),
        (json!({"client_id": "a b"}), "client_id"),
        (json!({"redirect_uris": []}), "redirect_uris"),
        (json!({"redirect_uris": ["https://a.example/#x"]}), "redirect_uris"),
        (json!({"redirect_uris": ["http://a.example/"]}), "redirect_uris"),
        (json!({"post_logout_redirect_uris": ["x"]}), "post_logout_redirect_uris"),
        (json!({"logo_uri": "javascript:alert(1)"}), "logo_uri"),
        (
            json!({"backchannel_logout_uri": "http://localhost/out"}),
            "backchannel_logout_uri",
        ),
        (
            json!({"frontchannel_logout_uri": "https://elsewhere.example/out"}),
            "frontchannel_logout_uri",
        ),
        (json!({"initiate_login_uri": "http://a.example/"}), "initiate_login_uri"),
        (json!({"response_types": ["token"]}), "response_types"),
        (json!({"response_types": []}), "response_types"),
        (json!({"grant_types": ["password"]}), "grant_types"),
        (json!({"grant_types": ["refresh_token"]}), "grant_types"),
        (json!({"grant_types": []}), "grant_types"),
        (
            json!({"grant_types": ["client_credentials"], "response_types": ["code"]}),
            "grant_types",
        ),
        (
            json!({"response_types": ["code id_token"], "grant_types": ["authorization_code"]}),
            "grant_types",
        ),
        (json!({"client_secret": null}), "client_secret"),
        (json!({"client_secret": ""}), "client_secret"),
        (json!({"token_endpoint_auth_method": "none"}), "client_secret"),
        (json!({"token_endpoint_auth_method": "private_key_jwt"}), "jwks"),
        (json!({"jwks": jwks, "jwks_uri": "https://a.example/jwks"}), "jwks"),
        (json!({"jwks_uri": "http://localhost/jwks"}), "jwks_uri"),
        (json!({"request_uris": ["http://localhost/r"]}), "request_uris"),
        (json!({"require_signed_request_object": true}), "jwks"),
        (
            json!({"require_signed_request_object": true, "jwks": jwks, "request_object_signing_alg": "none"}),
            "request_object_signing_alg",
        ),
        (json!({"jwks": {"keys": {}}}), "jwks"),
        (json!({"jwks": {"keys": [{"kty": "EC", "d": "x"}]}}), "jwks"),
        (json!({"jwks": {"keys": [{"kty": "oct", "k": "x"}]}}), "jwks"),
        (json!({"default_max_age": -1}), "default_max_age"),
        (json!({"access_token_lifetime": 0}), "access_token_lifetime"),
        (json!({"access_token_lifetime": 86401}), "access_token_lifetime"),
        (json!({"id_token_lifetime": -1}), "id_token_lifetime"),
        (
            json!({"authorization_code_lifetime": 601}),
            "authorization_code_lifetime",
        ),
    ]);
}

#[test]
fn whoever_may_act_has_a_name() {
    assert_refused(&[(json!({"may_act": ""}), "may_act")]);
}

/// RFC 6749 §4.4: no person, no browser, no address to return to.
#[test]
fn a_client_that_only_speaks_for_itself_needs_no_redirect_address() {
    for grant in ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"] {
        let machine = json!({"grant_types": [grant], "redirect_uris": []});
        let client = metadata(machine).check().unwrap();
        assert!(client.response_types.is_empty() && !client.may_use(GrantType::AuthorizationCode));
        let only_asks = json!({"grant_types": [], "redirect_uris": [], "serves": ["https://api.example"]});
        assert!(metadata(only_asks).check().unwrap().grant_types.is_empty());
        let public = json!({"grant_types": [grant], "redirect_uris": [], "client_secret": null,
                            "token_endpoint_auth_method": "none"});
        assert_refused(&[(public, "grant_types")]);
        let both = json!({"grant_types": ["authorization_code", grant]});
        assert_eq!(metadata(both).check().unwrap().response_types, [ResponseType::Code]);
    }
    let public =
        json!({"client_secret": null, "token_endpoint_auth_method": "none", "serves": ["https://api.example"]});
    assert_refused(&[(public, "serves")]);
}

#[test]
fn what_is_to_be_encrypted_needs_a_key_that_fits() {
    let ec = json!({"keys": [{"kty": "EC", "crv": "P-256"}]});
    let signing = json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig"}]});
    let other = json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "enc", "alg": "ECDH-ES+A128KW"}]});
    for what in ["id_token", "userinfo", "authorization", "introspection"] {
        let (alg, enc) = (
            format!("{what}_encrypted_response_alg"),
            format!("{what}_encrypted_response_enc"),
        );
        assert_refused(&[
            (json!({ &alg: "ECDH-ES" }), "jwks"),
            (json!({ &alg: "ECDH-ES", "jwks": signing }), "jwks"),
            (json!({ &alg: "ECDH-ES", "jwks": other }), "jwks"),
            (json!({ &alg: "RSA-OAEP-256", "jwks": ec }), "jwks"),
        ]);
        let error = metadata(json!({ &enc: "A256GCM", "jwks": ec })).check().unwrap_err();
        assert_eq!(error.member, enc);
        assert!(
            metadata(json!({ &alg: "ECDH-ES", "jwks_uri": "https://a.example/k" }))
                .check()
                .is_ok()
        );
        // RFC 8725 §3.2; RFC 7518 §4.5: a secret that both know.
        for weak in ["RSA1_5", "RSA-OAEP", "dir", "A256KW"] {
            let mut all = json!({"client_id": "a", "client_secret": "s", "redirect_uris": ["https://a.example/cb"]});
            all[&alg] = weak.into();
            assert!(serde_json::from_value::<ClientMetadata>(all).is_err(), "{weak}");
        }
    }
    assert_refused(&[(
        json!({"request_object_encryption_enc": "A256GCM"}),
        "request_object_encryption_enc",
    )]);
    let client = metadata(json!({
        "jwks": ec, "id_token_encrypted_response_alg": "ECDH-ES", "userinfo_encrypted_response_alg": "ECDH-ES+A256KW",
        "userinfo_encrypted_response_enc": "A256GCM"
    }));
    let wanted = client.check().unwrap().encryption;
    assert_eq!(wanted.id_token.unwrap().enc.as_str(), "A128CBC-HS256");
    assert_eq!(wanted.userinfo.unwrap().enc.as_str(), "A256GCM");
    assert!(wanted.response.is_none() && wanted.introspection.is_none());
}

#[test]
fn pairwise_subjects_need_one_sector() {
    let sector = |changes: Value| {
        let mut changes = changes;
        changes["subject_type"] = "pairwise".into();
        metadata(changes).check().map(|client| client.sector)
    };
    assert_eq!(sector(json!({})).unwrap().as_deref(), Some("a.example"));
    let same = json!({"redirect_uris": ["https://a.example/1", "https://a.example:8443/2"]});
    assert_eq!(sector(same).unwrap().as_deref(), Some("a.example"));
    let two = ["https://a.example/", "https://b.example/"];
    let native = ["com.example.app:/cb"];
    for wrong in [
        json!({ "redirect_uris": two }),
        json!({"redirect_uris": native, "application_type": "native"}),
        json!({"sector_identifier_uri": "http://localhost/s.json"}),
    ] {
        assert_eq!(sector(wrong).unwrap_err().member, "sector_identifier_uri");
    }
    let named = json!({"redirect_uris": two, "sector_identifier_uri": "https://s.example/s.json"});
    assert_eq!(sector(named).unwrap().as_deref(), Some("s.example"));
    assert_eq!(metadata(json!({"redirect_uris": two})).check().unwrap().sector, None);
}

#[test]
fn public_clients_and_fapi2_cannot_loosen() {
    let jwks = json!({"keys": [{"kty": "EC"}]});
    assert_refused(&[
        (json!({"profile": "fapi2"}), "token_endpoint_auth_method"),
        (
            json!({"client_secret": null, "token_endpoint_auth_method": "none", "require_pkce": false}),
            "require_pkce",
        ),
        (
            json!({"client_secret": null, "token_endpoint_auth_method": "none", "refresh_rotation": "none"}),
            "refresh_rotation",
        ),
        (
            json!({"profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
                   "refresh_rotation": "rotate"}),
            "refresh_rotation",
        ),
        (
            json!({"profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
                   "id_token_signed_response_alg": "RS256"}),
            "id_token_signed_response_alg",
        ),
        (
            json!({"profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
                   "redirect_uris": ["http://localhost/cb"]}),
            "redirect_uris",
        ),
    ]);
}

"""Authlib (PyPI) as a partner writes it in Python. Run by authlib.test.mjs, which says in INTEROP what it needs:
the issuer, two clients, people, and the address of their browser."""

import json
import os
import unittest
import urllib.error
import urllib.parse
import urllib.request

from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

GIVEN = json.loads(os.environ["INTEROP"])
AAL2 = "urn:countersign:acr:aal2"
SCOPE = "openid profile offline_access evidence"


def browse(person, address):
    """What this person's browser does with an address; returns the one with the answer."""
    body = json.dumps({"person": person, "address": address}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(GIVEN["browser"], body), timeout=60) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as failed:
        raise AssertionError(failed.read().decode()) from None


class Partner:
    def __init__(self, name):
        given = GIVEN["clients"][name]
        self.http = OAuth2Session(
            given["client_id"],
            given["secret"] if "secret" in given else ECKey.import_key(given["key"]),
            token_endpoint_auth_method=given["token_endpoint_auth_method"],
            revocation_endpoint_auth_method=given["token_endpoint_auth_method"],
            scope=SCOPE,
            redirect_uri=given["redirect_uri"],
            code_challenge_method="S256",
        )
        self.server = self.http.get(GIVEN["issuer"] + "/.well-known/openid-configuration", withhold_token=True).json()
        self.http.register_client_auth_method(PrivateKeyJWT(self.server["token_endpoint"], headers={"kid": "authlib"}, alg="ES256"))

    def sign_in(self, person, **asked):
        verifier, nonce = generate_token(48), generate_token(24)
        address, state = self.http.create_authorization_url(
            self.server["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **asked
        )
        back = browse(person, address)
        # A session leaves it to its caller to look for an error before the code is taken.
        error = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query)).get("error")
        if error:
            raise OAuthError(error)
        token = self.http.fetch_token(
            self.server["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
        )
        return token, self.read(token, nonce)

    def read(self, token, nonce=None):
        """The ID token of an answer, verified as its documentation shows."""
        keys = KeySet.import_key_set(self.http.get(self.server["jwks_uri"], withhold_token=True).json())
        decoded = jwt.decode(token["id_token"], keys, algorithms=["ES256"])
        required = {"iss": {"essential": True, "value": self.server["issuer"]}, "aud": {"essential": True, "value": self.http.client_id}}
        params = {"access_token": token["access_token"], "client_id": self.http.client_id}
        if nonce:
            params["nonce"] = nonce
        claims = CodeIDToken(decoded.claims, decoded.header, required, params)
        claims.validate(leeway=5)
        return claims

    def introspect(self, token):
        return self.http.introspect_token(self.server["introspection_endpoint"], token=token).json()


class Authlib(unittest.TestCase):
    def everything(self, name):
        partner = Partner(name)
        token, claims = partner.sign_in("password")
        self.assertEqual((claims["acr"], claims["amr"]), ("urn:countersign:acr:1fa", ["pwd"]))
        told = partner.http.get(partner.server["userinfo_endpoint"]).json()
        self.assertEqual((told["sub"], told["name"]), (claims["sub"], GIVEN["names"]["password"]))

        fresh = partner.http.refresh_token(partner.server["token_endpoint"], refresh_token=token["refresh_token"])
        self.assertNotEqual(fresh["refresh_token"], token["refresh_token"])
        again = partner.read(fresh)
        self.assertEqual((again["sub"], again["auth_time"]), (claims["sub"], claims["auth_time"]))

        worth = partner.introspect(fresh["access_token"])
        self.assertEqual((worth["active"], worth["sub"], worth["acr"]), (True, claims["sub"], claims["acr"]))
        answer = partner.http.revoke_token(partner.server["revocation_endpoint"], token=fresh["refresh_token"])
        self.assertEqual(answer.status_code, 200, answer.text)
        for ended in (fresh["access_token"], fresh["refresh_token"]):
            self.assertEqual(partner.introspect(ended), {"active": False})
        with self.assertRaises(OAuthError) as refused:
            partner.http.refresh_token(partner.server["token_endpoint"], refresh_token=fresh["refresh_token"])
        self.assertEqual(refused.exception.error, "invalid_grant")

    def test_client_secret_basic(self):
        self.everything("basic")

    def test_private_key_jwt(self):
        self.everything("key")

    def test_step_up(self):
        partner = Partner("basic")
        _, low = partner.sign_in("generator")
        _, high = partner.sign_in("generator", acr_values=AAL2)
        self.assertEqual((high["sub"], high["acr"], sorted(high["amr"])), (low["sub"], AAL2, ["mfa", "otp", "pwd"]))
        self.assertEqual(sorted(e["method"] for e in high["urn:countersign:evidence"]), ["password", "totp"])

    def test_what_cannot_be_met(self):
        with self.assertRaises(OAuthError) as refused:
            Partner("basic").sign_in("password", acr_values=AAL2)
        self.assertEqual(refused.exception.error, "unmet_authentication_requirements")


if __name__ == "__main__":
    unittest.main(verbosity=2)

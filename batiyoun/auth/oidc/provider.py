"""A provider over HTTP, through Authlib: OpenID Connect Core and Discovery 1.0, with PKCE (RFC 7636), as RFC 9700 asks.

Authlib and its HTTP client take half a second to load, so only servers that have a provider import this module.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from batiyoun.auth.oidc.model import MAX_SUBJECT, Claims
from batiyoun.auth.oidc.store import InvalidAnswer
from batiyoun.errors import ProviderUnavailable
from batiyoun.runtime import Runtime

log = logging.getLogger(__name__)

SCOPE = "openid email profile"
#: seconds for everything that is asked of the provider while somebody waits
PATIENCE = 10.0
CONNECT = 5.0
#: seconds that what the provider says of itself is believed
METADATA_LIFETIME = 3600.0
#: seconds between two looks at its keys because a token names one that is not known
KEYS_INTERVAL = 60.0
#: seconds that its clock may differ from ours
LEEWAY = 60
#: signatures that only the provider can make; never `none`, nor one with the secret that we know, too (RFC 8725 §3.1)
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
#: how this server may say who it is to the token endpoint, the best first
_METHODS = ("client_secret_basic", "client_secret_post")


class OidcProvider:
    """One provider, asked for what it says of itself when somebody first needs it."""

    def __init__(
        self,
        issuer: str,
        *,
        client_id: str,
        client_secret: str | None,
        redirect_uri: str,
        ca: Path | None,
        runtime: Runtime,
        patience: float = PATIENCE,
    ) -> None:
        """`ca`: certificates in PEM form to trust besides the system's."""
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._ca = ca
        self._runtime = runtime
        self._patience = patience
        self._client: AsyncOAuth2Client | None = None
        self._metadata: Mapping[str, Any] = {}
        self._metadata_until = float("-inf")
        self._keys: KeySet | None = None
        self._keys_at = float("-inf")
        self._asking = asyncio.Lock()

    @property
    def issuer(self) -> str:
        """See `Provider`."""
        return self._issuer

    async def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """See `Provider`."""
        metadata = await self._about()
        url, _ = self._http().create_authorization_url(
            metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
        )
        return str(url)

    async def accepts_issuer(self, named: str | None) -> bool:
        """See `Provider`."""
        metadata = await self._about()
        if named is None:
            return metadata.get("authorization_response_iss_parameter_supported") is not True
        return bool(named == metadata["issuer"])

    async def redeem(self, code: str, *, nonce: str, verifier: str) -> Claims:
        """See `Provider`."""
        metadata = await self._about()
        try:
            async with asyncio.timeout(self._patience):
                token = await self._http().fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    redirect_uri=self._redirect_uri,
                    auth=self._http().client_auth(self._method(metadata)),
                )
        except OAuthError as exc:
            # `invalid_grant`: the code was used, is of another client, or the verifier is wrong
            raise InvalidAnswer(f"the provider refused the code: {exc.error}") from exc
        except (httpx2.HTTPError, TimeoutError, ValueError, OSError) as exc:
            raise ProviderUnavailable from exc
        if not isinstance(token.get("id_token"), str):
            raise InvalidAnswer("the provider sent no ID token")
        claims = await self._verify(token["id_token"], token.get("access_token"), nonce)
        return await self._complete(claims, token.get("access_token"))

    async def close(self) -> None:
        """See `Provider`."""
        if self._client is not None:
            await self._client.aclose()

    # ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _http(self) -> AsyncOAuth2Client:
        if self._client is None:
            context: ssl.SSLContext | bool = True
            if self._ca is not None:
                context = ssl.create_default_context()
                context.load_verify_locations(self._ca)
            self._client = AsyncOAuth2Client(
                client_id=self._client_id,
                client_secret=self._client_secret,
                scope=SCOPE,
                redirect_uri=self._redirect_uri,
                code_challenge_method="S256",
                # a redirect could lead anywhere, the inside of the operator's network included
                follow_redirects=False,
                timeout=httpx2.Timeout(self._patience, connect=min(CONNECT, self._patience)),
                verify=context,
            )
            self._client.register_client_auth_method(("client_secret_basic", _basic))
        return self._client

    async def _get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A JSON object. Raises `ProviderUnavailable`."""
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._http().request("GET", url, headers=headers or {}, withhold_token=True)
            answer.raise_for_status()
            found = answer.json()
        except (httpx2.HTTPError, TimeoutError, ValueError, OSError) as exc:
            raise ProviderUnavailable from exc
        if not isinstance(found, dict):
            raise ProviderUnavailable
        return found

    async def _about(self) -> Mapping[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery §4)."""
        async with self._asking:
            if self._runtime.monotonic() < self._metadata_until:
                return self._metadata
            try:
                found = await self._get(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
                self._check(found)
            except ProviderUnavailable:
                if not self._metadata:
                    raise
                log.warning("the provider does not say any more where it is; going on with what it said before")
            else:
                self._metadata = found
            self._metadata_until = self._runtime.monotonic() + METADATA_LIFETIME
            return self._metadata

    def _check(self, metadata: Mapping[str, Any]) -> None:
        # §4.3: another issuer's document must not be taken for this one's
        named = metadata.get("issuer")
        if not isinstance(named, str) or named.rstrip("/") != self._issuer.rstrip("/"):
            log.error("the provider at %s says that it is another one: check BATIYOUN_OIDC_ISSUER", self._issuer)
            raise ProviderUnavailable
        if not _algorithms(metadata):
            log.error("the provider at %s signs in no way that only it can", self._issuer)
            raise ProviderUnavailable
        for name in ENDPOINTS:
            url = metadata.get(name)
            if not isinstance(url, str) or urlsplit(url).scheme not in {"https", urlsplit(self._issuer).scheme}:
                log.error("the provider at %s names no good %s", self._issuer, name)
                raise ProviderUnavailable

    def _method(self, metadata: Mapping[str, Any]) -> str:
        if self._client_secret is None:
            return "none"
        # Discovery §3: basic, unless it says otherwise
        offered = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return next((method for method in _METHODS if method in offered), _METHODS[0])

    # ── believing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _verify(self, token: str, access_token: str | None, nonce: str) -> CodeIDToken:
        metadata = await self._about()
        registry = JWSRegistry(algorithms=_algorithms(metadata), strict_check_header=False)
        try:
            try:
                decoded = jwt.decode(token, await self._key_set(), registry=registry)
            except InvalidKeyIdError:
                decoded = jwt.decode(token, await self._key_set(anew=True), registry=registry)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": metadata["issuer"]},
                    "aud": {"essential": True, "value": self._client_id},
                },
                {"nonce": nonce, "client_id": self._client_id, "access_token": access_token},
            )
            claims.validate(now=int(self._runtime.now()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as exc:
            raise InvalidAnswer(f"the ID token is not good: {type(exc).__name__} {exc}") from exc
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject or len(subject) > MAX_SUBJECT or not subject.isascii():
            raise InvalidAnswer("the ID token names nobody")
        return claims

    async def _key_set(self, *, anew: bool = False) -> KeySet:
        now = self._runtime.monotonic()
        stale = self._keys is None or now - self._keys_at > METADATA_LIFETIME
        if stale or (anew and now - self._keys_at > KEYS_INTERVAL):
            found = await self._get((await self._about())["jwks_uri"])
            try:
                self._keys = KeySet.import_key_set({"keys": found["keys"]})
            except (JoseError, ValueError, TypeError, KeyError) as exc:
                raise ProviderUnavailable from exc
            self._keys_at = now
        assert self._keys is not None  # noqa: S101  # fetched above
        return self._keys

    async def _complete(self, claims: Mapping[str, Any], access_token: str | None) -> Claims:
        """With what only the userinfo endpoint tells (OpenID Connect Core §5.3)."""
        told: Mapping[str, Any] = claims
        endpoint = (await self._about()).get("userinfo_endpoint")
        if "email" not in claims and access_token and isinstance(endpoint, str):
            more = await self._get(endpoint, {"Authorization": f"Bearer {access_token}"})
            if more.get("sub") != claims["sub"]:  # §5.3.2: a token could have been swapped
                raise InvalidAnswer("the userinfo endpoint speaks of somebody else")
            told = {**more, **claims}
        email = _text(told, "email")
        return Claims(
            issuer=claims["iss"],
            subject=claims["sub"],
            email=email,
            email_verified=email is not None and told.get("email_verified") is True,
            name=_text(told, "name"),
            nickname=_text(told, "preferred_username") or _text(told, "nickname"),
        )


def _algorithms(metadata: Mapping[str, Any]) -> list[str]:
    """How it signs, as far as we accept it; Discovery §3 makes every provider offer RS256."""
    offered = metadata.get("id_token_signing_alg_values_supported")
    return [each for each in ALGORITHMS if each in (offered if isinstance(offered, list) else ["RS256"])]


def _basic(
    client: AsyncOAuth2Client, method: str, uri: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """Who this server is, as a header; Authlib leaves out the encoding that RFC 6749 §2.3.1 asks for."""
    known = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(known.encode()).decode()}"
    return uri, headers, body


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and value else None

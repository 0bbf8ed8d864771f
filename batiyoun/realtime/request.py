"""The request a connection began with: who asks, from where, and whether a browser of another site sent it."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

#: What the application may ask of a handshake; the rest is not kept for the life of the connection.
KEPT_HEADERS: Final = ("cookie", "origin", "user-agent", "accept-language", "authorization")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Request:
    """A handshake or polling request. Header names are lower case; repeated headers are joined by commas."""

    __slots__ = ("headers", "method", "path", "peer", "query", "raw_query", "secure")

    def __init__(
        self,
        method: str,
        path: str,
        query: str,
        headers: Iterable[tuple[bytes, bytes]],
        *,
        peer: str,
        secure: bool,
    ) -> None:
        self.method = method
        self.path = path
        self.query = parse_query(query)
        self.raw_query = query
        self.headers: dict[str, str] = {}
        for raw_name, raw_value in headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            joiner = "; " if name == "cookie" else ","
            self.headers[name] = f"{self.headers[name]}{joiner}{value}" if name in self.headers else value
        #: the address at the other end of the connection, which may be a proxy
        self.peer = peer
        self.secure = secure

    @classmethod
    def from_scope(cls, scope: Mapping[str, Any]) -> Request:
        """The request of an ASGI HTTP scope."""
        return cls(
            scope["method"],
            scope["path"],
            scope["query_string"].decode("latin-1"),
            scope["headers"],
            peer=scope["client"][0] if scope.get("client") else "",
            secure=scope.get("scheme") == "https",
        )

    def kept_headers(self) -> tuple[str | None, ...]:
        """The values of `KEPT_HEADERS`: what outlives the handshake, in little space."""
        return tuple(self.headers.get(name) for name in KEPT_HEADERS)


#: Queries up to this length are remembered: every WebSocket handshake has the same one.
_SHORT: Final = 64


def parse_query(query: str) -> dict[str, str]:
    """Keys and values; the first value of a repeated key counts. Raises `ValueError` for more than 64 fields."""
    return dict(_remembered(query) if len(query) <= _SHORT else _fields(query))


def _fields(query: str) -> tuple[tuple[str, str], ...]:
    return tuple(reversed(parse_qsl(query, keep_blank_values=True, max_num_fields=64)))


_remembered = functools.lru_cache(maxsize=256)(_fields)


class Gate:
    """Decides about origins and finds the client's address behind proxies that are trusted."""

    def __init__(self, allowed_origins: Iterable[str], trusted_proxies: Iterable[str]) -> None:
        """Raises `ValueError` for a proxy that is not a network in CIDR form or an address."""
        self._origins = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)
        self._proxies = tuple(ipaddress.ip_network(network, strict=False) for network in trusted_proxies)

    def allows(self, request: Request) -> bool:
        """Whether the request comes from our own pages, an allowed origin, or no browser at all.

        Browsers send `Origin` with every WebSocket handshake and every cross-site request whose answer a page may
        read, and cannot be made to leave it out; `Sec-Fetch-Site` covers the rest. `null` is an origin like others.
        """
        origin = request.headers.get("origin")
        if origin is None:
            return request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
        return self.is_allowed_origin(request, origin)

    def is_allowed_origin(self, request: Request, origin: str) -> bool:
        """Whether that origin is ours or was allowed."""
        origin = origin.lower()
        return origin in self._origins or origin == self._own_origin(request)

    def client_address(self, request: Request) -> str:
        """The address of the client: the last one in `X-Forwarded-For` that is no trusted proxy, or the peer."""
        if not self._proxies:
            return request.peer
        address = _parse(request.peer)
        if not self._is_proxy(address):
            return request.peer
        for entry in reversed(request.headers.get("x-forwarded-for", "").split(",")):
            hop = _parse(_without_port(entry.strip()))
            if hop is None:
                break
            address = hop
            if not self._is_proxy(hop):
                break
        return str(address)

    def is_secure(self, request: Request) -> bool:
        """Whether the client speaks TLS, with us or with a trusted proxy."""
        if self._proxies and self._is_proxy(_parse(request.peer)):
            return request.headers.get("x-forwarded-proto", "").split(",")[-1].strip().lower() == "https"
        return request.secure

    def _own_origin(self, request: Request) -> str:
        scheme = "https" if self.is_secure(request) else "http"
        host = request.headers.get("host", "").lower()
        default = ":443" if scheme == "https" else ":80"
        return f"{scheme}://{host.removesuffix(default)}"

    def _is_proxy(self, address: _Address | None) -> bool:
        return address is not None and any(address in network for network in self._proxies)


def _without_port(entry: str) -> str:
    """The address of an entry of `X-Forwarded-For`: some proxies write `192.0.2.1:4711` and `[2001:db8::1]:4711`."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry


@functools.lru_cache(maxsize=4096)
def _parse(address: str) -> _Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


@functools.lru_cache(maxsize=4096)
def limit_key(address: str) -> str:
    """What limits count by: the address, or the /64 network a single IPv6 host can choose addresses from."""
    parsed = _parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return address


def split_target(target: str) -> tuple[str, str]:
    """Path and query of a request target. Raises `ValueError` when it is neither a path nor a URL."""
    parts = urlsplit(target)
    return parts.path, parts.query

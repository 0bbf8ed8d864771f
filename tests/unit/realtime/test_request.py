"""Origins and addresses: who may connect, and where from."""

from __future__ import annotations

import pytest

from batiyoun.realtime.request import Gate, Request, limit_key, parse_query


def request(headers: dict[str, str] | None = None, *, peer: str = "203.0.113.7", secure: bool = False) -> Request:
    """A request for our own host."""
    pairs = {"Host": "chat.example", **(headers or {})}
    return Request(
        "GET", "/", "a=1", [(k.encode(), v.encode("latin-1")) for k, v in pairs.items()], peer=peer, secure=secure
    )


GATE = Gate(["https://app.example/"], ["10.0.0.0/8", "::1"])


@pytest.mark.parametrize("origin", ["http://chat.example", "https://app.example", "HTTPS://App.Example"])
def test_16_own_and_allowed_origins_pass(origin: str) -> None:
    assert GATE.allows(request({"Origin": origin}))


@pytest.mark.parametrize(
    "origin",
    [
        "null", "", "https://chat.example", "http://chat.example:81", "http://evil.example", "http://chat.example.evil",
        "https://app.example.evil", "http://evilchat.example", "http://chat.example/", "file://", "http://app.example",
    ],
)  # fmt: skip
def test_16_foreign_and_null_origins_are_refused(origin: str) -> None:
    assert not GATE.allows(request({"Origin": origin}))


def test_no_browser_sends_no_origin_and_passes_unless_it_says_cross_site() -> None:
    assert GATE.allows(request())
    assert GATE.allows(request({"Sec-Fetch-Site": "same-origin"}))
    for site in ("cross-site", "same-site", "?"):
        assert not GATE.allows(request({"Sec-Fetch-Site": site}))


def test_the_own_origin_knows_scheme_port_and_trusted_proxies() -> None:
    assert GATE.allows(request({"Origin": "https://chat.example"}, secure=True))
    assert GATE.allows(request({"Origin": "http://chat.example:81", "Host": "chat.example:81"}))
    assert GATE.allows(request({"Origin": "https://chat.example", "Host": "chat.example:443"}, secure=True))
    forwarded = {"Origin": "https://chat.example", "X-Forwarded-Proto": "https"}
    assert GATE.allows(request(forwarded, peer="10.1.2.3"))
    assert not GATE.allows(request(forwarded)), "a stranger's word for TLS"


def test_a_request_without_host_has_no_own_origin() -> None:
    nameless = Request("GET", "/", "", [(b"origin", b"http://")], peer="", secure=False)
    assert nameless.headers.get("host") is None
    assert not Gate([], []).allows(request({"Origin": "http://"}))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "garbage", "10.1.2.3"),
        ("10.1.2.3", "198.51.100.1, garbage", "10.1.2.3"),
        ("::1", "2001:db8::5", "2001:db8::5"),
        ("10.1.2.3", "6.6.6.6, 198.51.100.1:4711", "198.51.100.1"),
        ("10.1.2.3", "198.51.100.1:4711, 10.9.9.9:80", "198.51.100.1"),
        ("::1", "[2001:db8::5]:4711", "2001:db8::5"),
        ("10.1.2.3", "[", "10.1.2.3"),
    ],
)
def test_39_only_trusted_proxies_are_believed(peer: str, forwarded: str, address: str) -> None:
    assert GATE.client_address(request({"X-Forwarded-For": forwarded}, peer=peer)) == address


def test_a_proxy_that_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        Gate([], ["proxy.example"])


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
    ],
)
def test_limits_count_ipv6_by_network(address: str, key: str) -> None:
    assert limit_key(address) == key


def test_headers_and_query() -> None:
    both = Request(
        "GET", "/", "a=1&a=2&b=%20&c", [(b"Cookie", b"a=1"), (b"cookie", b"b=2"), (b"X", b"1"), (b"x", b"2")],
        peer="", secure=False,
    )  # fmt: skip
    assert both.headers == {"cookie": "a=1; b=2", "x": "1,2"}
    assert both.query == {"a": "1", "b": " ", "c": ""}
    with pytest.raises(ValueError, match="fields"):
        parse_query("&".join("a=1" for _ in range(100)))

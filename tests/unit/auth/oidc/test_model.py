"""auth/oidc/model.py: names, places and issuers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batiyoun.auth.oidc.model import check_issuer, name_of, safe_next, username_near
from batiyoun.users.model import check_username


@given(st.text(max_size=80))
def test_what_is_near_a_name_is_a_username(text: str) -> None:
    assert check_username(username_near(text))


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Asha.K", "asha.k"),
        ("Zoë Müller", "zoe.muller"),
        ("आशा", "user"),
        ("a", "auser"),
        ("--x y--", "x.y"),
        ("", "user"),
    ],
)
def test_a_name_stays_recognisable(text: str, near: str) -> None:
    assert username_near(text) == near


@given(st.text(alphabet="/\\.:@?#%&=aA1 \t\n-_~", max_size=40))
def test_14_a_place_to_go_on_to_is_here(text: str) -> None:
    place = safe_next(text)
    assert place.startswith("/")
    assert "//" not in place
    assert "\\" not in place
    assert place.isprintable()


@pytest.mark.parametrize("place", ["/./api/x", "/chats/../api/x", "/%2e/api", "/a/%2E%2e/api/x?y=1", "/.", "/.."])
def test_14_dots_lead_nowhere(place: str) -> None:
    assert safe_next(place) == "/"


@pytest.mark.parametrize(
    "place", ["/", "/chats/1", "/.../x?y=/../z", "/chats/01890a5d-ac96?at=12&x=%2F", "/settings/security"]
)
def test_a_place_of_ours_is_kept(place: str) -> None:
    assert safe_next(place) == place


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "https://id.example/realms/x", "http://localhost:9"])
def test_an_issuer_is_an_address(issuer: str) -> None:
    assert check_issuer(issuer) == issuer


@pytest.mark.parametrize(
    "issuer", ["", "accounts.google.com", "http://id.example", "https://", "https://x?y=1", "https://x#y", "https://[", "ftp://x"]
)  # fmt: skip
def test_what_is_no_issuer_is_refused(issuer: str) -> None:
    with pytest.raises(ValueError, match="must be an address"):
        check_issuer(issuer)


def test_providers_have_names() -> None:
    assert name_of("https://accounts.google.com") == "Google"
    assert name_of("https://id.example:8443/realms/x") == "id.example"

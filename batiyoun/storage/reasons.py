"""Why a server cannot be used, in words that an administrator can act on."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

#: PostgreSQL manual, appendix A: wrong password, or who is not let in
_PG_DENIED = ("28P01", "28000")
_PG_NO_DATABASE = "3D000"
#: https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml AuthenticationFailed, Unauthorized
_MONGO_DENIED = (18, 13)

_BY_KIND: dict[type[BaseException], str] = {
    ssl.SSLError: "it does not speak TLS there",
    socket.gaierror: "its name is not known",
    ConnectionRefusedError: "nobody listens there",
    FileNotFoundError: "there is no socket or file of that name",
}


def why(error: BaseException) -> str:
    """The end of a sentence that says what is in the way: "… cannot be used: {why}". Never quotes an address."""
    causes = list(_causes(error))
    for cause in causes:
        sentence = _known(cause)
        if sentence is not None:
            return sentence
    said = " ".join(str(cause) for cause in causes)
    # what the drivers that wait for a server to appear tell of its last failure
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return _untrusted(said.partition("certificate verify failed: ")[2].partition(" (_ssl")[0])
    if "SSL" in said:
        return "it does not speak TLS there, or the address asks for TLS where there is none"
    if "refused" in said:
        return "nobody listens there"
    if any(isinstance(cause, TimeoutError) for cause in causes) or "imed out" in said:
        return "it does not answer in time"
    return f"it does not answer ({type(causes[-1]).__name__})"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, the last first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _known(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _untrusted(error.verify_message)
    for kind, sentence in _BY_KIND.items():
        if isinstance(error, kind):
            return sentence
    state, code = getattr(error, "sqlstate", None), getattr(error, "code", None)
    denied = type(error).__name__ in {"AuthenticationError", "AuthenticationWrongNumberOfArgsError"}
    if state in _PG_DENIED or code in _MONGO_DENIED or denied:
        return "it refuses the name or the password"
    return "it has no database of that name" if state == _PG_NO_DATABASE else None


def _untrusted(reason: str) -> str:
    detail = reason.strip().rstrip(".")
    return "its certificate is not trusted here" + (f" ({detail})" if detail else "")


def cannot_be_used(what: str, error: BaseException, *, setting: str, authority: str) -> str:
    """Two sentences: why, and the way out. `authority`: how one names a certificate authority of one's own."""
    reason = why(error)
    if what.startswith("rediss:") and "in time" in reason:
        # one that expects no TLS waits for the rest of a command
        reason += " (does it speak TLS on that port?)"
    way = f"in {setting} correct the address"
    if "certificate" in reason:
        way = f"name the authority to trust ({authority}; {setting}), or have the server show the right certificate"
    elif reason != _BY_KIND[ssl.SSLError]:
        way = f"start it, or correct {setting}"
    return f"{what} cannot be used: {reason}. The way out: {way}."

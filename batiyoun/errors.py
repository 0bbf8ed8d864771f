"""Everything that can go wrong and be told to a person.

    BatiyounError
    ├── InvalidInput            400 invalid_input
    │   ├── InvalidCode         400 invalid_code
    │   ├── InvalidImage        400 invalid_image
    │   ├── InvalidLink         400 invalid_link
    │   ├── MlsInvalid          400 mls_invalid
    │   ├── InvalidPasskey      400 invalid_passkey
    │   └── InvalidPassword     400 invalid_password
    ├── Unauthenticated         401 unauthenticated
    │   ├── InvalidLogin        401 invalid_login
    │   ├── InvalidToken        401 invalid_token
    │   ├── SecondFactorRequired 401 second_factor_required
    │   ├── SignInEnded         401 session_revoked
    │   └── SignInOver          401 sign_in_over
    ├── Forbidden               403 forbidden
    │   ├── ForeignOrigin       403 foreign_origin
    │   ├── ScopeRequired       403 scope_required
    │   ├── InviteRequired      403 invite_required
    │   ├── SignupClosed        403 signup_closed
    │   ├── AddressUnverified   403 address_unverified
    │   ├── ProviderRefused     403 provider_refused
    │   └── StepUpRequired      403 step_up_required
    ├── NotFound                404 not_found
    │   ├── ChatNotFound        404 chat_not_found
    │   ├── GroupMissing        404 group_missing
    │   ├── InviteInvalid       404 invite_invalid
    │   └── UserNotFound        404 user_not_found
    ├── Conflict                409 conflict
    │   ├── UsernameTaken       409 username_taken
    │   ├── EmailTaken          409 email_taken
    │   ├── PasskeyKnown        409 passkey_known
    │   ├── IdentityTaken       409 identity_taken
    │   ├── LastWayIn           409 last_way_in
    │   ├── ClientIdReused      409 client_id_reused
    │   ├── EncryptionRequired  409 encryption_required
    │   ├── EpochStale          409 epoch_stale
    │   ├── GroupFull           409 group_full
    │   └── NotInGroup          409 not_in_group
    ├── PayloadTooLarge         413 payload_too_large
    ├── RateLimited             429 rate_limited
    ├── Internal                500 internal
    └── Unavailable             503 unavailable
        ├── ProviderUnavailable 503 provider_unavailable
        └── Busy                503 busy

`code` is part of the public contract and never changes. The docstring is the public sentence unless one is given;
the cause is logged and never shown. Only the edge (`web`, `realtime/gateway`) maps an error to HTTP or to an ack.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class BatiyounError(Exception):
    """Something went wrong. Try again."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    #: True: the outcome is unknown, send the same clientId again. False: it was never stored.
    retryable: ClassVar[bool] = False

    def __init__(
        self, public: str | None = None, *, retry_after: float | None = None, fields: dict[str, str] | None = None
    ) -> None:
        self.public = public or (type(self).__doc__ or "").strip()
        #: seconds
        self.retry_after = retry_after
        #: field name → what is wrong with it, for forms
        self.fields = fields or {}
        super().__init__(self.public)

    def to_wire(self) -> dict[str, Any]:
        """The error as acks carry it: `{code, message, retryable, retryAfter?, fields?}`."""
        wire: dict[str, Any] = {"code": self.code, "message": self.public, "retryable": self.retryable}
        if self.retry_after is not None:
            wire["retryAfter"] = self.retry_after
        if self.fields:
            wire["fields"] = self.fields
        return wire


class InvalidInput(BatiyounError):
    """The request is not of the expected form. Correct it and send it again."""

    code, status = "invalid_input", 400


class InvalidCode(InvalidInput):
    """This code is wrong, used or too old. Check it, or ask for a new one."""

    code = "invalid_code"


class InvalidLink(InvalidInput):
    """This link is used, too old or not complete. Ask for a new one."""

    code = "invalid_link"


class MlsInvalid(InvalidInput):
    """This is not an encryption message that this chat can take."""

    code = "mls_invalid"


class InvalidImage(InvalidInput):
    """This is not a picture that can be shown here. Use a PNG, JPEG, WebP or GIF file."""

    code = "invalid_image"


class InvalidPasskey(InvalidInput):
    """This passkey was not accepted. Try again, or choose another way."""

    code = "invalid_passkey"


class InvalidPassword(InvalidInput):
    """This password is wrong. Check it and try again."""

    code = "invalid_password"


class Unauthenticated(BatiyounError):
    """You are not signed in. Sign in and try again."""

    code, status = "unauthenticated", 401


class InvalidLogin(Unauthenticated):
    """Wrong name or password. Check both and try again."""

    code = "invalid_login"


class InvalidToken(Unauthenticated):
    """The access token is not valid any more. Ask for a new one."""

    code = "invalid_token"


class SecondFactorRequired(Unauthenticated):
    """You are nearly signed in. Write the code that your authenticator app shows, or a recovery code."""

    code = "second_factor_required"

    def __init__(self, pending: str) -> None:
        super().__init__()
        #: the secret for the cookie with which this browser may go on; not part of the answer's body
        self.pending = pending


class SignInEnded(Unauthenticated):
    """This sign-in was ended from elsewhere. Sign in again."""

    code = "session_revoked"


class SignInOver(Unauthenticated):
    """That took too long, or too many codes were wrong. Sign in again from the beginning."""

    code = "sign_in_over"


class Forbidden(BatiyounError):
    """You may not do this. Ask an admin of the chat."""

    code, status = "forbidden", 403


class ScopeRequired(Forbidden):
    """API tokens cannot do this. Sign in instead."""

    code = "scope_required"


class ForeignOrigin(Forbidden):
    """The request came from another site. Open Batiyoun at its own address."""

    code = "foreign_origin"


class InviteRequired(Forbidden):
    """Here one needs an invitation to sign up. Ask somebody who is here for a link."""

    code = "invite_required"


class SignupClosed(Forbidden):
    """Nobody can sign up here. Ask the administrator for an account."""

    code = "signup_closed"


class AddressUnverified(Forbidden):
    """Your e-mail address is not confirmed, or that was too long ago. Ask for a code."""

    code = "address_unverified"


class ProviderRefused(Forbidden):
    """The other account was not accepted. Try again, or sign in another way."""

    code = "provider_refused"


class StepUpRequired(Forbidden):
    """Confirm that it is you before you change this, then try again."""

    code = "step_up_required"

    def __init__(self, methods: Sequence[str] = ()) -> None:
        super().__init__()
        #: what the person can show to `POST auth/step-up`: password, totp, passkey, code
        self.methods = list(methods)


class NotFound(BatiyounError):
    """There is nothing here. Check the address."""

    code, status = "not_found", 404


class ChatNotFound(NotFound):
    """There is no such chat, or you are not in it. Go back to your chats."""

    code = "chat_not_found"


class GroupMissing(NotFound):
    """Nobody has set up encryption in this chat yet."""

    code = "group_missing"


class InviteInvalid(NotFound):
    """This invitation is used up, withdrawn or too old. Ask for a new one."""

    code = "invite_invalid"


class UserNotFound(NotFound):
    """There is no such person. Search for them by name."""

    code = "user_not_found"


class Conflict(BatiyounError):
    """That is not possible any more because something changed. Reload and try again."""

    code, status = "conflict", 409


class UsernameTaken(Conflict):
    """This username is taken. Choose another."""

    code = "username_taken"


class EmailTaken(Conflict):
    """This e-mail address has an account already. Sign in instead."""

    code = "email_taken"


class PasskeyKnown(Conflict):
    """This passkey is in use already. Make another one."""

    code = "passkey_known"


class IdentityTaken(Conflict):
    """This account elsewhere belongs to somebody here already. Sign in with it instead."""

    code = "identity_taken"


class LastWayIn(Conflict):
    """You could not sign in any more without this. Add a password, a passkey or another account first."""

    code = "last_way_in"


class ClientIdReused(Conflict):
    """This clientId was used for another message. Make a new one."""

    code = "client_id_reused"


class BlockedByYou(Conflict):
    """You blocked this person. Unblock them to write to them."""

    code = "blocked_by_you"


class NotReachable(Conflict):
    """This person cannot be reached here. What you wrote was not sent."""

    code = "not_reachable"


class EncryptionRequired(Conflict):
    """This chat is end-to-end encrypted; plain messages are refused. Send it encrypted."""

    code = "encryption_required"


class EpochStale(Conflict):
    """This chat's keys have changed meanwhile. Read what is new, encrypt again and send it once more."""

    code = "epoch_stale"


class NotInGroup(Conflict):
    """This device has no keys for this chat yet."""

    code = "not_in_group"


class GroupFull(Conflict):
    """This chat has as many devices as it can have."""

    code = "group_full"


class PayloadTooLarge(BatiyounError):
    """This is too large. Send less at once."""

    code, status = "payload_too_large", 413


class RateLimited(BatiyounError):
    """That was too fast. Wait a moment and try again."""

    code, status = "rate_limited", 429


class Internal(BatiyounError):
    """Something went wrong on the server. Try again; if it stays, tell the administrator."""

    code, status, retryable = "internal", 500, True


class Unavailable(BatiyounError):
    """The server cannot do this right now. Try again in a moment."""

    code, status, retryable = "unavailable", 503, True


class ProviderUnavailable(Unavailable):
    """The other provider does not answer. Try again later, or sign in another way."""

    code = "provider_unavailable"


class Busy(Unavailable):
    """The server is busy storing messages. The same message will be sent again in a moment."""

    code = "busy"

"""The HTTP edge of what people keep sealed: recovery, archive, and the mailbox for linking devices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import StringConstraints

from batiyoun.auth.routes import CurrentUser, limit
from batiyoun.http import Body, operation, struct_body, struct_response
from batiyoun.keys.model import MAX_BATCH_BYTES, MAX_LINK, MAX_RECOVERY
from batiyoun.keys.routes.common import Base64, Keys, PathId, agent_of, binary, credential_of, id_of_credential, text_of
from batiyoun.limiting import Rate

router = APIRouter(prefix="/api/keys")

#: by person
KEEP_RECOVERY = Rate("key-recovery", burst=10, period=600)
#: a recovery code has 128 bits; this bounds what is handed to somebody who stole a sign-in
READ_RECOVERY = Rate("read-key-recovery", burst=5, period=1800)
LIST_PASSKEYS = Rate("key-passkeys", burst=30, period=10)
#: by itself: who tried codes in vain can still use a passkey
READ_PASSKEY = Rate("read-key-passkey", burst=5, period=1800)
WRITE_ARCHIVE = Rate("archive", burst=120, period=1)
READ_ARCHIVE = Rate("read-archive", burst=600, period=0.1)
WRITE_LINK = Rate("links", burst=20, period=30)
#: a device looks every second or two
READ_LINK = Rate("read-links", burst=120, period=0.5)

NONCE = r"^[A-Za-z0-9_-]{16,64}$"
#: base64url of at most 1,023 bytes
CREDENTIAL = r"^[A-Za-z0-9_-]{2,1364}$"
CredentialId = Annotated[str, Path(pattern=CREDENTIAL, description="as the browser writes it: base64url, no padding")]
Batch = Annotated[int, Path(ge=0, le=2_147_483_647)]


class Wrapped(Body):
    """`PUT keys/recovery`, `PUT keys/recovery/passkeys/{credentialId}`: keys that only a recovery code, or that
    passkey, opens; at most 4 KB."""

    wrapped: Base64


class RecoveryView(Body):
    """`GET keys/recovery`, `GET keys/recovery/passkeys/{credentialId}`."""

    wrapped: str
    updated_at: datetime


class PasskeyCopyView(Body):
    """A passkey that opens the keys: its credential id (base64url, no padding), and since when."""

    credential_id: str
    updated_at: datetime


class PasskeyCopies(Body):
    """`GET keys/recovery/passkeys`: the newest first."""

    passkeys: list[PasskeyCopyView]


class BatchData(msgspec.Struct, frozen=True):
    """A sealed piece of the archive in base64, at most 256 KB."""

    data: str


class BatchView(Body):
    """A piece of the archive: its number, its bytes, and when it was written."""

    batch: int
    size: int
    updated_at: datetime


class BatchList(Body):
    """`GET keys/archive/{chatId}`: by number."""

    batches: list[BatchView]


class NewLink(Body):
    """`POST keys/links`: a sealed letter for another of one's own devices, at most 8 KB, under a name both know."""

    nonce: Annotated[str, StringConstraints(pattern=NONCE)]
    data: Base64


class LinkKept(Body):
    """Until when the letter waits."""

    expires_at: datetime


class LinkData(Body):
    """`GET keys/links/{nonce}`."""

    data: str


@router.put("/recovery", status_code=204)
async def put_recovery(body: Wrapped, request: Request, principal: CurrentUser, keys: Keys) -> None:
    """Keep the keys that a recovery code opens. With an earlier one, the ways by passkeys end."""
    limit(request, KEEP_RECOVERY, principal.user_id)
    wrapped = binary(body.wrapped, MAX_RECOVERY, "wrapped")
    await keys.sealed.put_recovery(principal, wrapped, user_agent=agent_of(request))


@router.get("/recovery")
async def read_recovery(request: Request, principal: CurrentUser, keys: Keys) -> RecoveryView:
    """The keys that a recovery code opens. Every reading is in the security log."""
    limit(request, READ_RECOVERY, principal.user_id)
    wrapped, updated_at = await keys.sealed.recovery(principal, user_agent=agent_of(request))
    return RecoveryView(wrapped=text_of(wrapped), updated_at=updated_at)


@router.get("/recovery/passkeys")
async def list_passkey_copies(request: Request, principal: CurrentUser, keys: Keys) -> PasskeyCopies:
    """Which of one's own passkeys open the keys."""
    limit(request, LIST_PASSKEYS, principal.user_id)
    return PasskeyCopies(
        passkeys=[
            PasskeyCopyView(credential_id=id_of_credential(each.credential_id), updated_at=each.updated_at)
            for each in await keys.sealed.passkeys(principal.user_id)
        ]
    )


@router.put("/recovery/passkeys/{credential_id}", status_code=204)
async def put_passkey_copy(
    credential_id: CredentialId, body: Wrapped, request: Request, principal: CurrentUser, keys: Keys
) -> None:
    """Keep the keys that one's own passkey opens, for as long as it is in the account."""
    limit(request, KEEP_RECOVERY, principal.user_id)
    wrapped = binary(body.wrapped, MAX_RECOVERY, "wrapped")
    await keys.sealed.put_passkey(principal, credential_of(credential_id), wrapped, user_agent=agent_of(request))


@router.get("/recovery/passkeys/{credential_id}")
async def read_passkey_copy(
    credential_id: CredentialId, request: Request, principal: CurrentUser, keys: Keys
) -> RecoveryView:
    """The keys that one's own passkey opens. Every reading is in the security log."""
    limit(request, READ_PASSKEY, principal.user_id)
    wrapped, updated_at = await keys.sealed.passkey(
        principal, credential_of(credential_id), user_agent=agent_of(request)
    )
    return RecoveryView(wrapped=text_of(wrapped), updated_at=updated_at)


@router.put("/archive/{chat_id}/{batch}", status_code=204, openapi_extra=operation(body=BatchData)["openapi_extra"])
async def put_batch(
    chat_id: PathId,
    batch: Batch,
    body: Annotated[BatchData, Depends(struct_body(BatchData))],
    request: Request,
    principal: CurrentUser,
    keys: Keys,
) -> None:
    """Keep a sealed piece of one's own archive of a chat, in the place of the one of that number."""
    limit(request, WRITE_ARCHIVE, principal.user_id)
    await keys.sealed.put_batch(principal.user_id, chat_id, batch, binary(body.data, MAX_BATCH_BYTES, "data"))


@router.get("/archive/{chat_id}")
async def list_batches(chat_id: PathId, request: Request, principal: CurrentUser, keys: Keys) -> BatchList:
    """What one's own archive has of a chat."""
    limit(request, READ_ARCHIVE, principal.user_id)
    return BatchList(
        batches=[
            BatchView(batch=each.number, size=each.size, updated_at=each.updated_at)
            for each in await keys.sealed.batches(principal.user_id, chat_id)
        ]
    )


@router.get("/archive/{chat_id}/{batch}", **operation(answers={200: BatchData}))
async def read_batch(chat_id: PathId, batch: Batch, request: Request, principal: CurrentUser, keys: Keys) -> Response:
    """A sealed piece of one's own archive."""
    limit(request, READ_ARCHIVE, principal.user_id)
    return struct_response(BatchData(text_of(await keys.sealed.batch(principal.user_id, chat_id, batch))))


@router.delete("/archive/{chat_id}", status_code=204)
async def drop_batches(chat_id: PathId, request: Request, principal: CurrentUser, keys: Keys) -> None:
    """Forget what one's own archive has of a chat."""
    limit(request, WRITE_ARCHIVE, principal.user_id)
    await keys.sealed.drop_batches(principal.user_id, chat_id)


@router.post("/links", status_code=201)
async def put_link(body: NewLink, request: Request, principal: CurrentUser, keys: Keys) -> LinkKept:
    """Leave a letter for another of one's own devices, for ten minutes. The first one under a name stays."""
    limit(request, WRITE_LINK, principal.user_id)
    until = await keys.sealed.put_link(principal.user_id, body.nonce, binary(body.data, MAX_LINK, "data"))
    return LinkKept(expires_at=until)


@router.get("/links/{nonce}")
async def read_link(
    nonce: Annotated[str, Path(pattern=NONCE)],
    request: Request,
    principal: CurrentUser,
    keys: Keys,
) -> LinkData:
    """The letter that another of one's own devices left; 404 while there is none."""
    limit(request, READ_LINK, principal.user_id)
    return LinkData(data=text_of(await keys.sealed.link(principal.user_id, nonce)))

"""The HTTP edge of blocking: `/api/blocks`. Browsers only: an API token blocks nobody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from batiyoun.auth.routes import CurrentUser, limit
from batiyoun.blocks.payloads import Blocked, BlockList
from batiyoun.blocks.service import BlockService
from batiyoun.http import operation, struct_response
from batiyoun.limiting import Rate

router = APIRouter(prefix="/api/blocks", tags=["blocks"])

#: of one person: who comes back after a day without a network has some to tell
CHANGES = Rate("blocks", burst=60, period=1)

UserId = Annotated[str, Path(max_length=64)]


async def _blocks(request: Request) -> BlockService:
    service: BlockService = request.app.state.blocks
    return service


Blocks = Annotated[BlockService, Depends(_blocks)]


@router.get("", **operation(answers={200: BlockList}))
async def blocked(me: CurrentUser, blocks: Blocks) -> Response:
    """Whom one blocks."""
    mine = await blocks.of_user(me.user_id)
    return struct_response(BlockList([Blocked(user_id, since) for user_id, since in mine.items()]))


@router.put("/{user_id}", status_code=204)
async def block(request: Request, user_id: UserId, me: CurrentUser, blocks: Blocks) -> None:
    """Block a person; they are not told."""
    limit(request, CHANGES, me.user_id)
    await blocks.block(me.user_id, user_id)


@router.delete("/{user_id}", status_code=204)
async def unblock(request: Request, user_id: UserId, me: CurrentUser, blocks: Blocks) -> None:
    """Unblock a person."""
    limit(request, CHANGES, me.user_id)
    await blocks.unblock(me.user_id, user_id)

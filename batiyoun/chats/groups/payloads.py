"""What devices send about groups and get back: REST bodies of the public contract. Bytes are padded base64."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from batiyoun.chats.payloads import ClientId, Payload

#: of a commit's whole body, in base64; what a group of 250 devices may need
MAX_COMMIT_BODY = 4 * 1024 * 1024
MAX_WELCOMES = 100


class Commit(Payload, frozen=True):
    """`POST chats/{id}/commits`: a commit of the session's device, made in the group's newest epoch.

    `commit` is an MLS PublicMessage, null for a new group; `group_info` an MLS GroupInfo of the epoch after it, with
    the ratchet tree; `welcome` an MLS Welcome for the devices that it brings in.
    """

    commit_id: ClientId
    commit: bytes | None
    group_info: bytes
    welcome: bytes | None = None


class Committed(msgspec.Struct, frozen=True, rename="camel"):
    """The commit is in the log at `seq`; the group is at `epoch` with it."""

    seq: int
    epoch: int
    ok: Literal[True] = True


class DeviceName(msgspec.Struct, frozen=True, rename="camel"):
    """A device of a person."""

    user_id: str
    device_id: str


class GroupView(msgspec.Struct, frozen=True, rename="camel"):
    """`GET chats/{id}/group`: who should be in the group and who is.

    `epoch`: null when there is none, or none of its devices is left. `generation`: how often it was made. `open_from`:
    messages of earlier epochs are refused; past `epoch` while somebody is due. `devices`: of the members, by the
    directory. `leaves`: who is in, `due`: the devices among them that must be taken out before anything is said.
    """

    epoch: int | None
    generation: int
    open_from: int
    members: list[str]
    devices: list[DeviceName]
    leaves: list[DeviceName]
    due: list[str]
    head_seq: int


class GroupInfoView(msgspec.Struct, frozen=True, rename="camel"):
    """`GET chats/{id}/group-info`: the group as devices outside of it may know it."""

    epoch: int
    generation: int
    group_info: bytes


class WelcomeView(msgspec.Struct, frozen=True, rename="camel"):
    """A Welcome for this device: the way into a chat's group, at `epoch`."""

    id: str
    chat_id: str
    epoch: int
    welcome: bytes


class WelcomeList(msgspec.Struct, frozen=True, rename="camel"):
    """`GET keys/welcomes`: the oldest first. Delete what is done with, and ask again until there is none."""

    welcomes: Annotated[list[WelcomeView], msgspec.Meta(max_length=MAX_WELCOMES)]


class MlsWelcome(msgspec.Struct, frozen=True, rename="camel"):
    """`mls_welcome`: one of your devices was let into a chat's group; fetch `keys/welcomes`."""

    chat_id: str

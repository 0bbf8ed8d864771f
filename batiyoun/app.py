"""The composition root: the only place that knows which parts there are, and the only one that imports `storage`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import click
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from batiyoun.auth.api_tokens.model import LIVE
from batiyoun.auth.connections import Connections
from batiyoun.auth.model import Principal
from batiyoun.chats.events import SCOPES as EVENT_SCOPES
from batiyoun.chats.events import ChatEvents
from batiyoun.chats.fanout import FanOut
from batiyoun.chats.groups import routes as group_routes
from batiyoun.chats.groups.rules import Directory
from batiyoun.chats.log import Log
from batiyoun.chats.members import MemberService
from batiyoun.chats.receipts import ReceiptBook
from batiyoun.chats.recent import Recent
from batiyoun.chats.redactions import Redactions
from batiyoun.chats.residence import Residence, circle_of
from batiyoun.chats.service import ChatService
from batiyoun.cluster import Cluster
from batiyoun.contract import full_contract
from batiyoun.errors import ScopeRequired, Unauthenticated, Unavailable
from batiyoun.files import routes as file_routes
from batiyoun.http import FORM_LIMIT, FORMS
from batiyoun.live import Caller
from batiyoun.parts.accounts import Accounts
from batiyoun.parts.encryption import Encryption
from batiyoun.parts.engine import engine_settings
from batiyoun.parts.keys import key_service
from batiyoun.parts.people import People
from batiyoun.parts.personal import Personal
from batiyoun.parts.routers import ROUTERS
from batiyoun.presence.service import Circle, PresenceService
from batiyoun.realtime import Bus, Engine, Gateway, Handler, Hub, Namespace, Socket
from batiyoun.runtime import Runtime
from batiyoun.settings import Settings
from batiyoun.startup import EXIT_CONFIG, EXIT_UNAVAILABLE, CannotStart, calm_collector, prepare_data_dir
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.memory.presence import MemoryPresence
from batiyoun.storage.messages import MessageStore, message_store
from batiyoun.storage.reasons import cannot_be_used
from batiyoun.storage.redis.parts import RedisParts
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.migrate import check, migrate
from batiyoun.web.app import create_web
from batiyoun.web.health import Answered, all_answered
from batiyoun.web.passing import Passing
from batiyoun.web.shell import ServeError, ShellLimits, new_event_loop, serve
from batiyoun.workers import Seat

#: the contract's version, told in the CONNECT reply; clients below `MIN_CLIENT` are asked to update
PROTOCOL = 1
MIN_CLIENT = "0.1.0"
JOINS = frozenset({"join_chat"})
BODY_AT = dict.fromkeys(FORMS, FORM_LIMIT) | {path: upload.limit for path, upload in file_routes.UPLOADS.items()}
BODY_AT |= {group_routes.LARGE_AT: max(group_routes.LARGE.values())}


class App:
    """A whole server. `async with build(settings) as app:` opens it; `app.serve()` does that and listens.

    The parts are attributes, so that tests can look at them.
    """

    def __init__(self, settings: Settings, *, runtime: Runtime, **overrides: Any) -> None:
        """Nothing is opened yet. `overrides` replace parts by name: `database`, `chat_log`, `presence_store`, `bus`,
        `directory`."""
        self.settings = settings
        self.runtime = runtime
        self.stopping = False
        self.seat: Seat | None = None
        self.redis = _reach_redis(settings)
        bus: Bus | None = overrides.pop("bus", None) or (self.redis.bus if self.redis else None)
        self.hub = Hub(bus)
        self.database: Database = overrides.pop("database", None) or Database(
            settings.accounts_url,
            connections=settings.database_connections,
            seconds=settings.database_timeout_ms / 1000,
        )
        self.chat_log: MessageStore = overrides.pop("chat_log", None) or message_store(
            settings.messages_address,
            runtime,
            connections=settings.messages_connections,
            seconds=settings.messages_timeout_ms / 1000,
        )
        presence_store = overrides.pop("presence_store", None) or (
            self.redis.presence if self.redis else MemoryPresence(runtime.now)
        )
        directory = overrides.pop("directory", None)
        if overrides:
            raise TypeError(f"unknown parts: {', '.join(overrides)}")
        self.accounts = Accounts(settings, self.database, runtime, self.redis)
        self.keys, self.users, self.post = self.accounts.keys, self.accounts.users, self.accounts.post
        self.audit, self.auth, self.ways_in = self.accounts.audit, self.accounts.auth, self.accounts.ways_in
        self.connections = Connections(self.auth, self.hub, runtime)
        self._build_chats(directory, joined=bus is not None)
        self.presence = PresenceService(presence_store, self.hub, self._circle, runtime, self.personal.blocks.apart)
        self.chats.met += (self.presence.met, self.personal.blocks.met)
        self.personal.blocks.parted.append(self.presence.parted)
        self.personal.blocks.rejoined.append(self.presence.met)
        turns = None if self.cluster is None else self.cluster.crossroads
        self.residence = Residence(self.chats, self.presence, self.hub, turns)
        if self.cluster is not None:
            self.cluster.join(self.residence, self.presence, self.personal.standing)
        self.fan_out.roster_changed.append(self.residence.changed)
        events = ChatEvents(self.chats, self.receipts, self.presence, self.residence, self.hub).table()
        self.namespace = Namespace(
            events=Gateway(
                {
                    name: Handler(fn, payload, limit="joins" if name in JOINS else "events")
                    for name, (fn, payload) in events.items()
                }
            ),
            connect=self._connect,
            disconnect=self._disconnect,
            hub=self.hub,
        )
        self.engine: Engine | None = None
        self.web = self._build_web()

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _build_chats(self, directory: Directory | None, *, joined: bool) -> None:
        """`joined`: there are other nodes, and what is committed on any takes effect in the order of the log."""
        self.key_service = key_service(self.accounts, self.connections, self.hub, self._circle, joined=joined)
        self.fan_out = FanOut(self.hub, self.chat_log, Recent(), self.hub.publish_here if joined else None)
        stores = (self.chat_log, self.chat_log)
        self.cluster = Cluster(self.hub, self.auth, self.connections, stores, self.fan_out) if joined else None
        teller = self.fan_out if self.cluster is None else self.cluster.crossroads
        self.log = Log(self.chat_log, publish=teller.appended)
        self.personal = Personal(self.database, self.chat_log, self.hub, self.users, self.runtime)
        self.chats = ChatService(
            self.chat_log,
            self.chat_log,
            self.log,
            self._known,
            self.runtime,
            preferences=self.personal.preferences,
            apart=self.personal.blocks.apart,
            bars=self.personal.standing.bars,
            programs=self.auth.api_tokens.holders,
            encrypts=self.settings.encryption == "on",
            plaintext_too=self.settings.allow_plaintext,
        )
        self.chats.created.append(teller.created)
        self.members = MemberService(self.chat_log, self.log, self._known, self.runtime, self.personal.blocks.apart)
        self.people = People(
            self.settings,
            self.database,
            self.runtime,
            auth=self.auth,
            connections=self.connections,
            users=self.users,
            audit=self.audit,
            chats=self.chats,
            members=self.members,
            passkeys=self.ways_in.passkeys,
            keys=self.key_service,
            sections=self.personal.sections(),
        )
        self.encryption = Encryption(
            self.settings,
            self.runtime,
            messages=self.chat_log,
            log=self.log,
            rooms=self.hub,
            directory=directory or self.key_service.directory,
        )
        self.receipts = ReceiptBook(
            self.chat_log, self.chat_log, self.fan_out.receipts, self.runtime.monotonic, self.personal.standing.bars
        )

    def _build_web(self) -> FastAPI:
        return create_web(
            self.settings,
            routers=ROUTERS if self.settings.role in {"all", "api"} else (),
            state={
                **self.accounts.state(),
                "chats": self.chats,
                "members": self.members,
                **self.encryption.state(),
                "redactions": Redactions(self.chat_log, self.chat_log, self.log, self.runtime),
                "receipts": self.receipts,
                "key_service": self.key_service,
                **self.people.state(),
                **self.personal.state(),
                **self.ways_in.state(),
            },
            mounts={"/socket.io": self._polling()},
            uploads=file_routes.UPLOADS,
            large=group_routes.LARGE,
            readiness=self.ready,
            runtime=self.runtime,
        )

    def _polling(self) -> ASGIApp:
        if self.settings.role not in {"all", "realtime"}:
            return PlainTextResponse("Socket.IO is not served here.", 404)

        async def polling(scope: Scope, receive: Receive, send: Send) -> None:
            if self.engine is None:
                raise RuntimeError("the application is not open")
            await self.engine.polling(scope, receive, send)

        return polling

    async def _known(self, user_ids: Collection[str]) -> set[str]:
        return set(await self.users.get_many(user_ids))

    async def _circle(self, user_id: str) -> Circle:
        return circle_of(await self.chats.memberships(user_id))

    # ── connections ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _connect(self, socket: Socket, auth: dict[str, Any] | None) -> dict[str, Any]:
        principal = await self._authenticate(socket, auth)
        if principal.scopes is not None:
            if LIVE not in principal.scopes:
                raise ScopeRequired(f"This needs an API token with the scope {LIVE}.")
            socket.allowed = frozenset(name for name, scope in EVENT_SCOPES.items() if scope in principal.scopes)
        socket.identity = principal.user_id
        socket.data = Caller(
            principal.user_id, principal.session_id, principal.device_id, program=principal.scopes is not None
        )
        self.connections.opened(socket, principal)
        try:
            await self.residence.connected(socket)
        except BaseException:
            self._disconnect(socket, "refused")  # the engine does so only for those that it let in
            raise
        lives = await self.cluster.still_lives(principal) if self.cluster else not self.auth.has_ended(principal)
        if not lives:  # it ended while the rooms were being found
            self._disconnect(socket, "refused")
            raise Unauthenticated
        return {"protocol": PROTOCOL, "minClient": MIN_CLIENT}

    async def _authenticate(self, socket: Socket, auth: dict[str, Any] | None) -> Principal:
        token = auth.get("token") if auth else None
        if isinstance(token, str):
            if principal := await self.auth.authenticate_token(token):
                return principal
            raise Unauthenticated
        cookie = socket.headers.get("cookie", "")
        if principal := await self.auth.authenticate_cookie(cookie):
            return principal
        raise await self.accounts.refusals.of(cookie)

    def _disconnect(self, socket: Socket, reason: str) -> None:
        self.connections.closed(socket)
        self.residence.disconnected(socket)

    # ── life ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def ready(self) -> Mapping[str, bool | Answered]:
        """Whether each part can serve."""
        stores = {"accounts": self.database.ready(), "messages": self._keeps_messages()}
        if self.redis is not None:
            stores["redis"] = self.redis.ready()
        return {"accepting": not self.stopping} | await all_answered(stores)

    async def _keeps_messages(self) -> bool:
        return not self.log.stalled and await self.chat_log.ready()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[App]:
        """Open the stores, run the engine, and close everything in the opposite order."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.database.close)
            if self.redis is not None:
                stack.push_async_callback(self.redis.close)
                self.redis.start()
            await self._migrate()
            await self.chat_log.open()
            stack.push_async_callback(self.chat_log.close)
            stack.push_async_callback(self.audit.close)
            stack.push_async_callback(self.auth.close)
            stack.push_async_callback(self.post.close)
            stack.push_async_callback(self.ways_in.close)
            self.auth.start()
            stack.push_async_callback(self.keys.close)
            self.keys.start()
            stack.push_async_callback(self.log.close)
            stack.push_async_callback(self.receipts.close)
            stack.push_async_callback(self.key_service.close)
            self.key_service.start()
            stack.push_async_callback(self.encryption.close)
            self.encryption.start()
            stack.push_async_callback(self.personal.standing.close)
            await self.personal.standing.start()
            stack.push_async_callback(self.people.close)
            self.people.start()
            if self.cluster is not None:
                stack.push_async_callback(self.cluster.close)
            stack.push_async_callback(self.presence.close)
            stack.push_async_callback(self.connections.close)
            if self.settings.role in {"all", "realtime"}:
                self.engine = Engine(engine_settings(self.settings, self.seat), {"/": self.namespace}, self.runtime)
                stack.callback(self.engine.close)
            if self.settings.role == "worker":
                self.presence.start()
            yield self

    async def _migrate(self) -> None:
        """The embedded database follows by itself; a shared one only by command, so that no node surprises another."""
        if self.database.embedded:
            await migrate(self.database)
        try:
            await check(self.database)
        except StoreUnusable as error:
            raise CannotStart(str(error), EXIT_CONFIG) from error
        except Unavailable as error:
            where, authority = "BATIYOUN_DATABASE_URL", "sslrootcert=/path/ca.pem"
            sentence = cannot_be_used("The accounts database", error, setting=where, authority=authority)
            raise CannotStart(sentence, EXIT_UNAVAILABLE) from error

    def serve(self, on_ready: Callable[[str], None] | None = None, seat: Seat | None = None) -> None:
        """Listen until SIGTERM or SIGINT; returns when everything is closed. Raises `CannotStart`.

        With a `seat` this is one of several processes on the port.
        """
        self.seat = seat
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(self._serve(on_ready or self._announce))

    def _announce(self, url: str) -> None:
        click.echo(f"Batiyoun is ready: {self.settings.address_to_open(urlsplit(url).port)}")

    async def _serve(self, on_ready: Callable[[str], None]) -> None:
        settings = self.settings
        try:
            async with self.opened():
                engine, seat, stop = self.engine, self.seat, asyncio.Event()
                if seat is not None:
                    seat.watch(stop.set)
                calm_collector()
                await serve(
                    self.web,
                    websocket_protocol=None if engine is None else engine.websocket_protocol,
                    host=settings.host,
                    port=settings.port,
                    tls_cert=settings.tls_cert,
                    tls_key=settings.tls_key,
                    limits=ShellLimits(
                        max_body=settings.max_body, body_at=BODY_AT | {"/socket.io/": settings.max_payload}
                    ),
                    on_ready=lambda url: on_ready(settings.public_url or url) if seat is None else seat.say_ready(),
                    on_stopping=self._stop,
                    drain=_nothing_to_drain if engine is None else engine.drain,
                    unready_seconds=settings.unready_seconds,
                    drain_seconds=settings.drain_seconds,
                    stop=stop,
                    passing=None if seat is None else Passing(seat.folder, seat.index, seat.count),
                )
        except (ServeError, StoreUnusable) as error:
            raise CannotStart(str(error)) from error

    def _stop(self) -> None:
        self.stopping = True


def _reach_redis(settings: Settings) -> RedisParts | None:
    if settings.redis_url is None:
        return None
    return RedisParts(
        settings.redis_url,
        connections=settings.redis_connections,
        timeout=settings.redis_timeout_ms / 1000,
        ca=None if settings.redis_ca is None else str(settings.redis_ca),
    )


def build(settings: Settings, *, runtime: Runtime | None = None, **overrides: Any) -> App:
    """Put a server together. Nothing is opened, and nothing connects; the data directory and its keys are made.

    `overrides` replace parts by name (see `App`). Raises `CannotStart`.
    """
    prepare_data_dir(settings.data_dir)
    return App(settings, runtime=runtime or Runtime(), **overrides)


def contract() -> dict[str, Any]:
    """The public contract of this version: `{openapi, sockets}`."""
    web = create_web(Settings.model_construct(), routers=ROUTERS, state={})
    return full_contract(web.openapi())


async def _nothing_to_drain(_: float) -> None:
    """A role without realtime connections: HTTP requests in flight are waited for anyway."""

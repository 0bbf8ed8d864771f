"""Everything an administrator can set. The only module that reads the environment.

Every field is an environment variable with the prefix `BATIYOUN_` and is documented here; `batiyoun config --docs`
makes the reference from these lines. A `.env` file is read only when asked for. What may hold a password may also come
from a file (`secret_files.py`).
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AliasChoices, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from batiyoun.auth.oidc.model import GOOGLE, check_issuer
from batiyoun.secret_files import SUFFIX, SecretFiles, SecretFileUnusable, is_secret
from batiyoun.settings_checks import check_processes
from batiyoun.settings_values import Csv, DatabaseUrl, MessagesUrl, Network, Origin, RedisUrl, Sender, SmtpUrl

PREFIX = "BATIYOUN_"
#: read by the build of the client (hatch_build.py), not by the server
BUILD_VARIABLES = frozenset({"BATIYOUN_NODE", "BATIYOUN_CLIENT", "BATIYOUN_SKIP_CLIENT"})
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class SettingsInvalid(Exception):
    """The settings contradict each other or are malformed; `problems` has one sentence with a way out for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


class Settings(BaseSettings):
    """The effective settings. Immutable; invalid combinations cannot be constructed."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, validate_by_name=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where values come from, the strongest first. A file named in the environment is as strong as the latter."""
        assert isinstance(env_settings, EnvSettingsSource)  # noqa: S101  # pydantic-settings calls it with these
        assert isinstance(dotenv_settings, DotEnvSettingsSource)  # noqa: S101
        return (
            init_settings,
            env_settings,
            SecretFiles(settings_cls, env_settings.env_vars),
            dotenv_settings,
            SecretFiles(settings_cls, dotenv_settings.env_vars),
        )

    host: str = Field(
        "127.0.0.1", description="Address to listen on; beyond loopback, TLS or a trusted proxy is needed."
    )
    port: int = Field(
        8000,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("BATIYOUN_PORT", "PORT"),
        description="Port to listen on; 0 takes a free one. A bare `PORT` is honoured too.",
    )
    role: Literal["all", "api", "realtime", "worker"] = Field(
        "all",
        description="What this process does: `all`, or one of `api` (HTTP), `realtime` (Socket.IO) and `worker` "
        "(housekeeping) where several processes share databases and Redis.",
    )
    workers: int = Field(
        1, ge=1, le=256, description="Processes that serve on the port together; more than one needs Redis."
    )
    public_url: Origin | None = Field(
        None,
        description="Where people reach the server, like `https://chat.example.org`. Needed behind a proxy that "
        "changes the Host header; with https, cookies become `__Host-` and HSTS is sent.",
    )
    allowed_origins: Annotated[tuple[Origin, ...], *Csv] = Field(
        (), description="Other sites, separated by commas, whose pages may call the API with credentials (CORS)."
    )
    tls_cert: Path | None = Field(
        None, description="Certificate chain in PEM form; the server then speaks HTTPS itself."
    )
    tls_key: Path | None = Field(None, description="Private key of the certificate in PEM form.")
    trusted_proxies: Annotated[tuple[Network, ...], *Csv] = Field(
        (),
        description="Addresses or networks, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto "
        "are believed.",
    )

    data_dir: Path = Field(
        Path("data"), description="Directory for databases, keys and files; made with mode 0700 when absent."
    )
    database_url: DatabaseUrl | None = Field(
        None,
        description="Users and sessions: `sqlite:///path` or `postgresql://user:password@host/name`.",
        json_schema_extra={"secret": True, "default_text": "`accounts.db` in DATA_DIR"},
    )
    database_connections: int = Field(20, ge=1, le=1_000, description="Connections to the accounts' server at most.")
    database_timeout_ms: int = Field(
        5_000, ge=100, description="Milliseconds in which the accounts' server must answer; then it counts as away."
    )
    messages_url: MessagesUrl | None = Field(
        None,
        description="Chats and messages: `sqlite:///path`, `postgresql://user:password@host/name` (with "
        "`?sslmode=verify-full`), `mongodb://user:password@host/name?replicaSet=rs0` (with `&tls=true`) or "
        "`mongodb+srv://…`. Servers are set up by `batiyoun migrate`.",
        json_schema_extra={"secret": True, "default_text": "`log.db` in DATA_DIR"},
    )
    messages_connections: int = Field(
        10, ge=1, le=1_000, description="Connections to the messages' server at most, besides the log's one."
    )
    messages_timeout_ms: int = Field(
        5_000, ge=100, description="Milliseconds in which the messages' server must answer; then it counts as away."
    )
    redis_url: RedisUrl | None = Field(
        None,
        description="Redis or Valkey: `redis://host:6379/0`, `rediss://user:password@host:6379/0` (TLS) or "
        "`unix:///path`. Keeps sessions, presence and limits, and carries messages between several processes. One "
        "server for one installation: channels have no database number.",
        json_schema_extra={"secret": True},
    )
    redis_ca: Path | None = Field(
        None, description="Certificates in PEM form to trust for `rediss://`, instead of the system's."
    )
    redis_connections: int = Field(
        16, ge=1, le=1_000, description="Connections to Redis at most, besides the bus's two."
    )
    redis_timeout_ms: int = Field(
        1_000, ge=50, description="Milliseconds in which Redis must answer; after that it counts as away."
    )

    smtp_url: SmtpUrl | None = Field(
        None,
        description="Mail server: `smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465`. "
        "Without one, codes are printed on the server's console.",
        json_schema_extra={"secret": True},
    )
    smtp_ca: Path | None = Field(
        None, description="Certificates in PEM form to trust for the mail server, besides the system's."
    )
    mail_from: Sender | None = Field(
        None, description="Sender of mail, like `Batiyoun <chat@example.org>`; needed with SMTP_URL."
    )
    verify_email: bool | None = Field(
        None,
        description="Whether people prove their e-mail address, by a code, before they can sign up. Without a mail "
        "server `on` means that they need somebody who reads the console.",
        json_schema_extra={"default_text": "`on` with SMTP_URL"},
    )

    oidc_client_id: str | None = Field(
        None,
        min_length=1,
        description="The id that the OpenID provider gave this server; with it, people can sign in with Google or with "
        "the provider at OIDC_ISSUER ([how](../how-to/sign-in-with-google.md)).",
    )
    oidc_client_secret: str | None = Field(
        None,
        min_length=1,
        description="The secret that goes with OIDC_CLIENT_ID.",
        json_schema_extra={"secret": True},
    )
    oidc_issuer: Annotated[str, AfterValidator(check_issuer)] = Field(
        GOOGLE, description="The OpenID provider's issuer, as its discovery document writes it."
    )
    oidc_name: str | None = Field(
        None,
        min_length=1,
        max_length=40,
        description="What people call the provider.",
        json_schema_extra={"default_text": "`Google`, or the issuer's host"},
    )
    oidc_ca: Path | None = Field(
        None, description="Certificates in PEM form to trust for the provider, besides the system's."
    )

    signup: Literal["open", "invitation", "closed"] = Field(
        "open",
        description="Who may sign up: `open` to everybody, by `invitation` of somebody who is here, or `closed`: only "
        "`batiyoun user create` makes accounts. Where nobody is yet, the first needs no invitation.",
    )
    password_cost: int = Field(
        12, ge=4, le=18, description="bcrypt cost; each step doubles the time. Low only for tests."
    )
    signing_key_days: int = Field(
        90,
        ge=0,
        le=3650,
        description="Days until the next key signs access tokens; 0 keeps one for ever. The key before is believed "
        "until its last token is over.",
    )
    rate_limits: bool = Field(True, description="`off` switches all rate limits off; refused unless bound to loopback.")
    encryption: Literal["on", "off"] = Field(
        "on",
        description="New chats between people are end-to-end encrypted: readable on their devices alone. Chats that "
        "API tokens make stay readable for the server; older chats can be read on. `off` is for measuring.",
    )
    allow_plaintext: bool = Field(
        False, description="`on` lets anybody create unencrypted chats, for tests; refused unless bound to loopback."
    )
    max_body: int = Field(
        1_000_000, ge=10_000, description="Largest HTTP request body, in bytes; forms are 32 KB at most."
    )

    ping_interval_ms: int = Field(25_000, ge=50, description="Engine.IO heartbeat: milliseconds between pings.")
    ping_timeout_ms: int = Field(20_000, ge=50, description="Engine.IO heartbeat: milliseconds to wait for a pong.")
    connect_timeout_ms: int = Field(
        45_000, ge=50, description="Milliseconds in which a new connection must join a namespace."
    )
    upgrade_timeout_ms: int = Field(
        10_000, ge=50, description="Milliseconds in which an upgrade to WebSocket must finish."
    )
    max_payload: int = Field(1_000_000, ge=1_000, description="Largest realtime packet, in bytes.")

    events_per_second: float = Field(
        50, gt=0, description="Realtime events that one connection may send in the long run."
    )
    events_burst: float = Field(200, ge=1, description="Realtime events that one connection may send at once.")
    bytes_per_second: float = Field(
        1_000_000, gt=0, description="Bytes of realtime events that one connection may send in the long run."
    )
    bytes_burst: float = Field(
        4_000_000, ge=1_000, description="Bytes of realtime events that one connection may send at once."
    )
    joins_per_second: float = Field(20, gt=0, description="Chats that one connection may open in the long run.")
    joins_burst: float = Field(200, ge=1, description="Chats that one connection may open at once.")
    user_limit_factor: float = Field(
        2,
        ge=1,
        description="How many times that (events, bytes, chats) all connections of one person may send together.",
    )
    address_limit_factor: float = Field(
        20, ge=1, description="How many times that all connections from one address may send together."
    )
    sockets_per_user: int = Field(20, ge=1, description="Realtime connections of one person at the same time.")
    sockets_per_address: int = Field(
        500, ge=1, description="Realtime connections from one address (IPv4, or /64 of IPv6) at the same time."
    )

    unready_seconds: float = Field(
        0.0,
        ge=0,
        description="How long a stopping server goes on serving while `/health/ready` says no already, so that a "
        "balancer sends nobody new: longer than the balancer's interval of checks, in seconds.",
    )
    drain_seconds: float = Field(
        10.0, ge=0, description="How long a stopping server waits for its connections to finish, in seconds."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="`text` for people, `json` (one object a line) for machines."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged. `debug` may quote what people sent: never leave it on."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("BATIYOUN_TLS_CERT and BATIYOUN_TLS_KEY belong together: set both or neither.")
        for name, path in (("TLS_CERT", self.tls_cert), ("TLS_KEY", self.tls_key)):
            if path is not None and not path.is_file():
                msg = f"BATIYOUN_{name}={path} is not a file: give the path of a PEM file."
                raise ValueError(msg)
        check_processes(self)
        if self.smtp_url is not None and self.mail_from is None:
            raise ValueError("BATIYOUN_SMTP_URL needs BATIYOUN_MAIL_FROM: set the address that mail comes from.")
        for name, authorities in (("SMTP_CA", self.smtp_ca), ("OIDC_CA", self.oidc_ca)):
            try:
                ssl.create_default_context(cafile=authorities)
            except OSError as exc:
                msg = f"BATIYOUN_{name}={authorities} holds no certificates: give the path of a PEM file."
                raise ValueError(msg) from exc
        if self.oidc_client_id is None and (self.oidc_client_secret or self.oidc_issuer != GOOGLE):
            raise ValueError("BATIYOUN_OIDC_CLIENT_ID is missing: set the id that the provider gave this server.")
        if not self.loopback and self.tls_cert is None and not (self.trusted_proxies and self.secure):
            msg = (
                f"BATIYOUN_HOST={self.host} without TLS is refused: browsers give pages on plain http neither "
                "encryption nor a service worker. Set BATIYOUN_TLS_CERT and BATIYOUN_TLS_KEY, or put a TLS proxy in "
                "front, name its address in BATIYOUN_TRUSTED_PROXIES and its https address in BATIYOUN_PUBLIC_URL, or "
                "listen on 127.0.0.1."
            )
            raise ValueError(msg)
        if not self.loopback and not self.rate_limits:
            raise ValueError("BATIYOUN_RATE_LIMITS=off is for tests: remove it, or listen on 127.0.0.1.")
        if not self.loopback and self.allow_plaintext:
            raise ValueError("BATIYOUN_ALLOW_PLAINTEXT=on is for tests: remove it, or listen on 127.0.0.1.")
        return self

    @property
    def proves_addresses(self) -> bool:
        """Nobody signs up without a code that went to their address."""
        return self.smtp_url is not None if self.verify_email is None else self.verify_email

    @property
    def loopback(self) -> bool:
        """Only this machine can reach the server."""
        if self.host in LOOPBACK_NAMES:
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    @property
    def secure(self) -> bool:
        """People reach the server over HTTPS."""
        return self.tls_cert is not None or (self.public_url or "").startswith("https://")

    def base_url(self, port: int | None = None) -> str:
        """Where people reach the server; `port` is the bound one when the setting is 0."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"{'https' if self.tls_cert else 'http'}://{host}:{port or self.port}"

    def address_to_open(self, port: int | None = None) -> str:
        """What to show to whoever started the server: by name, because browsers have passkeys for names alone."""
        if self.public_url is None and self.tls_cert is None and self.host in {"127.0.0.1", "::1"}:
            return f"http://localhost:{port or self.port}"
        return self.base_url(port)

    @property
    def accounts_url(self) -> str:
        """SQLAlchemy URL of the users and sessions."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.absolute() / 'accounts.db'}"

    @property
    def messages_address(self) -> str:
        """Where chats and messages are kept, as the setting takes it."""
        return self.messages_url or f"sqlite:///{self.log_path}"

    @property
    def log_path(self) -> Path:
        """The SQLite file of chats and messages, when they are in one."""
        if self.messages_url is not None:
            return Path(self.messages_url.removeprefix("sqlite:///"))
        return self.data_dir.absolute() / "log.db"


def variables() -> dict[str, str]:
    """Environment variable → field name, in the order of definition."""
    return {PREFIX + name.upper(): name for name in Settings.model_fields}


def file_variables() -> dict[str, str]:
    """Environment variable that names a file → field name, for every setting that may hold a password."""
    fields = Settings.model_fields
    return {variable + SUFFIX: name for variable, name in variables().items() if is_secret(fields[name])}


def load_settings(env_file: Path | None = None, **overrides: Any) -> Settings:
    """The settings of this process. Raises `SettingsInvalid`.

    `env_file` is a file of `NAME=value` lines, weaker than the environment; `overrides` are stronger than both.
    """
    try:
        return Settings(_env_file=env_file, **overrides)
    except ValidationError as exc:
        raise SettingsInvalid([_sentence(error) for error in exc.errors()]) from exc
    except SecretFileUnusable as exc:
        raise SettingsInvalid([str(exc)]) from exc


def _sentence(error: Mapping[str, Any]) -> str:
    reason = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return reason
    name = str(error["loc"][0])
    variable = name if name.isupper() else PREFIX + name.upper()
    return f"{variable}: {reason[0].lower()}{reason[1:].rstrip('.')}. See `batiyoun config --docs`."


def unknown_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """One warning for each `BATIYOUN_` variable that nothing reads, naming the nearest that exists."""
    known = variables() | file_variables()
    warnings = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known and name not in BUILD_VARIABLES:
            known_names = [variable.removeprefix(PREFIX) for variable in known]
            near = difflib.get_close_matches(name.removeprefix(PREFIX), known_names, n=1)
            hint = f"did you mean {PREFIX}{near[0]}?" if near else "`batiyoun config --docs` lists all settings."
            warnings.append(f"{name} is not a setting: {hint}")
    return warnings

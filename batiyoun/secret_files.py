"""Secrets from files: `BATIYOUN_SMTP_URL_FILE=/run/secrets/smtp_url` instead of the value in the environment.

The environment of a process is shown by `docker inspect`, inherited by children and copied into crash reports; a file
is not. Docker, Kubernetes and systemd (`LoadCredential=`) all hand out secrets as files, and databases' images read
them by the same `…_FILE` convention.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

SUFFIX: Final = "_FILE"
#: no secret of ours is longer; a wrong path may name a disk
_LONGEST: Final = 64 * 1024


class SecretFileUnusable(Exception):
    """The file of a secret cannot be used; the message is one sentence with the way out."""


def is_secret(field: FieldInfo) -> bool:
    """Whether the setting may hold a password: it is masked when shown, and may come from a file."""
    return isinstance(field.json_schema_extra, dict) and bool(field.json_schema_extra.get("secret"))


class SecretFiles(PydanticBaseSettingsSource):
    """Settings whose `…_FILE` variable is in `variables`, the (lower-cased) names and values of one place to look."""

    def __init__(self, settings_cls: type[BaseSettings], variables: Mapping[str, str | None]) -> None:
        super().__init__(settings_cls)
        self._variables = variables

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of that setting's file, or None. Raises `SecretFileUnusable`."""
        variable = f"{self.config.get('env_prefix', '')}{field_name}".upper()
        path = self._variables.get((variable + SUFFIX).lower()) if is_secret(field) else None
        if not path:
            return None, field_name, False
        if self._variables.get(variable.lower()):
            raise SecretFileUnusable(f"{variable} and {variable}{SUFFIX} are both set: keep one of them.")
        return _read(Path(path), variable + SUFFIX), field_name, False

    def __call__(self) -> dict[str, Any]:
        """All of them, by field name. Raises `SecretFileUnusable`."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def _read(path: Path, variable: str) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST + 1).decode().strip()
    except OSError as exc:
        raise SecretFileUnusable(
            f"{variable}={path} cannot be read ({exc.strerror or exc}): give the path of a file that the server's user "
            "may read."
        ) from exc
    except UnicodeDecodeError:
        text = ""
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise SecretFileUnusable(f"{variable}={path} does not hold one line of text: write the value into it.")
    return text

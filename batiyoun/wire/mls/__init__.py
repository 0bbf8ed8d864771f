"""The public framing of MLS (RFC 9420): what a server that cannot read may still know and check."""

from batiyoun.wire.mls.parse import parse
from batiyoun.wire.mls.reader import MlsError

__all__ = ["MlsError", "parse"]

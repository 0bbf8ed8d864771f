"""Pictures that people send: what they are by their bytes, and a new picture made of their pixels alone. Pure."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping, Sequence

from PIL import Image, ImageOps

from batiyoun.errors import InvalidImage

#: width × height of a JPEG, which is decoded at a fraction of its size; about 100 MB of memory
MAX_PIXELS = 25_000_000
#: of what is decoded whole, WebP even three times over; about 200 MB
MAX_PIXELS_WHOLE = 8_000_000
#: passes over a JPEG: progressive ones have about ten, and a malicious one says the last again as often as it has room
#: for, in forty bytes each time, which kept a processor busy for half an hour
MAX_SCANS = 100
#: a side; what is thinner than a pixel when it is small is no picture of anybody
MAX_SIDE = 20_000
QUALITY = 82

#: the first bytes of what is taken, and the decoder that may look at it
#: what begins a segment (ITU-T T.81 §B.1.1.2): neither a stuffed byte nor a restart within the data of a scan
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9

_KINDS: Sequence[tuple[bytes, bytes, str]] = (
    (b"\x89PNG\r\n\x1a\n", b"", "PNG"),
    (b"\xff\xd8\xff", b"", "JPEG"),
    (b"GIF87a", b"", "GIF"),
    (b"GIF89a", b"", "GIF"),
    (b"RIFF", b"WEBP", "WEBP"),  # with its length between the two
)


def kind_of(content: bytes) -> str:
    """PNG, JPEG, GIF or WEBP, by the first bytes, whatever the name or Content-Type said (security check 42).

    Raises `InvalidImage`.
    """
    for first, third, kind in _KINDS:
        if content.startswith(first) and content[8 : 8 + len(third)] == third:
            return kind
    raise InvalidImage


def squares(content: bytes, sides: Sequence[int]) -> Mapping[int, bytes]:
    """The middle of the picture as square WebP, by length of side in pixels.

    Only pixels are carried over, turned upright: no EXIF (which may tell where it was taken), no comments, no profile,
    and of an animation the first frame. The size, and how often a decoder would go over it, are looked at before
    anything is decoded (security check 43). Raises `InvalidImage`.
    """
    kind = kind_of(content)
    if kind == "JPEG" and _scans(content) > MAX_SCANS:
        raise InvalidImage
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata, which is dropped anyway
            with Image.open(io.BytesIO(content), formats=[kind]) as picture:
                _check_size(picture)
                return _squares(picture, sides)
    except InvalidImage:
        raise
    except Image.DecompressionBombError as exc:  # Pillow's own limit is larger than ours
        raise _too_large(kind) from exc
    # decoders raise whatever comes up in them when a file is broken
    except Exception as exc:
        raise InvalidImage from exc


def _scans(content: bytes) -> int:
    """How many passes a JPEG has, up to one more than are allowed."""
    scans, at = 0, 2
    while scans <= MAX_SCANS and (found := _MARKER.search(content, at)):
        marker = found[1][0]
        if marker == _END_OF_IMAGE:
            break
        scans += marker == _START_OF_SCAN
        at = found.end()
        if marker != 0x01:  # the only one here without a length
            at += max(2, int.from_bytes(content[at : at + 2]))
    return scans


def _check_size(picture: Image.Image) -> None:
    width, height = picture.size
    most = _most_pixels(picture.format)
    if width * height > most or max(width, height) > MAX_SIDE:
        raise _too_large(picture.format)


def _most_pixels(kind: str | None) -> int:
    return MAX_PIXELS if kind == "JPEG" else MAX_PIXELS_WHOLE


def _too_large(kind: str | None) -> InvalidImage:
    millions = _most_pixels(kind) // 1_000_000
    return InvalidImage(f"This picture has too many pixels. Make it smaller than {millions} megapixels.")


def _squares(picture: Image.Image, sides: Sequence[int]) -> dict[int, bytes]:
    largest = max(sides)
    # JPEG can be decoded at an eighth, a quarter or half of its size, which is all that is needed
    picture.draft("RGB", (2 * largest, 2 * largest))
    upright = ImageOps.exif_transpose(picture)
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    square = ImageOps.fit(upright.convert(mode), (largest, largest), Image.Resampling.LANCZOS)
    made: dict[int, bytes] = {}
    for side in sides:
        sized = square if side == largest else square.resize((side, side), Image.Resampling.LANCZOS)
        # a new picture has none of what the old one carried along
        clean = Image.new(mode, sized.size)
        clean.paste(sized)
        out = io.BytesIO()
        clean.save(out, "WEBP", quality=QUALITY, method=4)
        made[side] = out.getvalue()
    return made

"""Pictures that people send: what they are by their bytes, and a new picture made of their pixels alone. Pure."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence

from PIL import Image, ImageOps

from batiyoun.errors import InvalidImage

#: width × height; it bounds the memory of decoding to about 100 MB
MAX_PIXELS = 25_000_000
#: a side; what is thinner than a pixel when it is small is no picture of anybody
MAX_SIDE = 20_000
QUALITY = 82

#: the first bytes of what is taken, and the decoder that may look at it
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
    and of an animation the first frame. The size is looked at before anything is decoded (security check 43). Raises
    `InvalidImage`.
    """
    kind = kind_of(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata, which is dropped anyway
            with Image.open(io.BytesIO(content), formats=[kind]) as picture:
                _check_size(picture)
                return _squares(picture, sides)
    except InvalidImage:
        raise
    except Image.DecompressionBombError as exc:  # Pillow's own limit is larger than ours
        raise _too_large() from exc
    # decoders raise whatever comes up in them when a file is broken
    except Exception as exc:
        raise InvalidImage from exc


def _check_size(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise _too_large()


def _too_large() -> InvalidImage:
    millions = MAX_PIXELS // 1_000_000
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

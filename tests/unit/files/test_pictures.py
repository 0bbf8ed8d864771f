"""files/pictures.py: pictures are known by their bytes, and only pixels are carried over."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from batiyoun.errors import InvalidImage
from batiyoun.files.pictures import MAX_PIXELS_WHOLE, MAX_SCANS, kind_of, squares

RED, BLUE = (255, 0, 0), (0, 0, 255)
PLACE = b"48.8584 N 2.2945 E"


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def halves(width: int = 300, height: int = 200, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new(mode, (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return picture


def shown(content: bytes, side: int = 64) -> Image.Image:
    picture = Image.open(io.BytesIO(squares(content, (side, 16))[side]))
    picture.load()
    return picture


def near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 60 for one, other in zip(pixel[:3], colour, strict=True))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_kind_becomes_square_webp(kind: str) -> None:
    content = encoded(halves(), kind)
    assert kind_of(content) == kind
    made = squares(content, (512, 96))
    for side, square in made.items():
        assert kind_of(square) == "WEBP"
        assert Image.open(io.BytesIO(square)).size == (side, side)
    picture = shown(content)
    assert near(picture.getpixel((4, 32)), RED)
    assert near(picture.getpixel((60, 32)), BLUE)


def test_what_is_clear_stays_clear() -> None:
    glass = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    assert shown(encoded(glass, "PNG")).getpixel((32, 32))[3] == 0  # type: ignore[index]
    assert shown(encoded(halves(), "PNG")).mode == "RGB"


def test_43_nothing_is_carried_over_but_pixels_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90° (EXIF 2.32, Orientation)
    exif[0x010E] = PLACE.decode()
    content = encoded(halves(), "JPEG", exif=exif, comment=PLACE)
    assert PLACE in content
    made = squares(content, (64,))[64]
    assert PLACE not in made
    assert not {b"EXIF", b"XMP ", b"ICCP"} & {made[at : at + 4] for at in range(len(made))}
    picture = Image.open(io.BytesIO(made))
    assert near(picture.getpixel((32, 4)), RED), "red is on top when the picture is upright"
    assert near(picture.getpixel((32, 60)), BLUE)


def test_of_an_animation_the_first_frame_stays() -> None:
    content = encoded(Image.new("RGB", (50, 50), RED), "GIF", save_all=True, append_images=[halves(50, 50)])
    picture = shown(content)
    assert near(picture.getpixel((60, 32)), RED)
    assert getattr(picture, "n_frames", 1) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><img src=x onerror=alert(1)>",
        b"%PDF-1.7",
        b"BM" + bytes(100),
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        b"\x00\x00\x00\x1cftypavif",
        b"II*\x00" + bytes(50),
    ],
)
def test_42_what_is_no_picture_by_its_bytes_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidImage):
        squares(content, (64,))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_42_broken_pictures_are_refused(kind: str) -> None:
    content = encoded(halves(), kind)
    for broken in (content[:12], content[: len(content) // 2], content[:16] + b"\xff" * 40 + content[56:]):
        try:
            squares(broken, (64,))
        except InvalidImage:
            continue
        # a decoder may make something of it, but never fail in another way


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is that large, in a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (MAX_PIXELS_WHOLE // 1000 + 1, 1000), (1, 30_000)])
def test_43_the_size_is_looked_at_before_anything_is_decoded(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(Image.Image, "load", decode)
    with pytest.raises(InvalidImage, match="too many pixels"):
        squares(bomb(width, height), (64,))


def test_43_a_jpeg_that_is_gone_over_a_thousand_times_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = encoded(halves(), "JPEG", progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]
    assert content.count(b"\xff\xda") + 90 <= MAX_SCANS
    often = content[:-2] + 90 * last + content[-2:]
    assert squares(often, (64,)).keys() == {64}

    def decode(*_: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(Image.Image, "load", decode)
    for trick in (b"", b"\xff\xff\xff", b"\xff\xfe\x00\x04ab", b"\xff\x01", b"ab"):
        with pytest.raises(InvalidImage) as refused:
            squares(content[:-2] + MAX_SCANS * (trick + last) + content[-2:], (64,))
        assert refused.value.__cause__ is None, "refused, not failed"


def test_what_looks_like_a_scan_in_a_comment_or_behind_the_picture_is_none() -> None:
    content = encoded(halves(), "JPEG", comment=b"\xff\xda" * 1_000) + b"\xff\xda" * 1_000
    assert squares(content, (64,)).keys() == {64}


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_43_what_is_decoded_whole_may_have_fewer_pixels(kind: str) -> None:
    large = encoded(Image.new("P" if kind == "GIF" else "RGB", (2_000, MAX_PIXELS_WHOLE // 2_000 + 1)), kind)
    with pytest.raises(InvalidImage, match="smaller than 8 megapixels"):
        squares(large, (64,))
    assert squares(encoded(Image.new("RGB", (2_000, MAX_PIXELS_WHOLE // 2_000 + 1)), "JPEG"), (64,)).keys() == {64}

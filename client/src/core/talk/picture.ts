// A group's picture as it travels: base64 of a WebP or JPEG (`bodies.ts` looks at how it begins).

/** Pixels of a side that are shown: of what is larger, a few bytes could fill the memory of everybody who sees it. */
const MOST = 1_024;
/** Characters of base64 that are looked at for the size: it stands in the first bytes, in JPEG before the image itself. */
const HEAD = 4_096;

/** Its address, for an `<img>`; null: there is none, or it is not fit to be shown. */
export function pictureUrl(image: string): string | null {
  const head = Uint8Array.from(atob(image.slice(0, HEAD)), (character) => character.charCodeAt(0));
  const isWebp = image.startsWith("U");
  const size = isWebp ? webpSize(head) : jpegSize(head);
  if (size === null || size.some((side) => side < 1 || side > MOST)) return null;
  return `data:image/${isWebp ? "webp" : "jpeg"};base64,${image}`;
}

type Size = [width: number, height: number];

/** RFC 9649: the first chunk says which of three forms it is, and the size stands at its beginning. */
function webpSize(bytes: Uint8Array): Size | null {
  if (bytes.length < 30) return null;
  const view = new DataView(bytes.buffer);
  switch (String.fromCharCode(...bytes.subarray(12, 16))) {
    case "VP8 ":
      return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return [(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1];
    }
    case "VP8X":
      return [(view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(26, true) >> 8) + 1];
    default:
      return null;
  }
}

/** ITU-T T.81 annex B: segments until a start of frame, SOF0 to SOF15 without the three that are none. */
function jpegSize(bytes: Uint8Array): Size | null {
  const view = new DataView(bytes.buffer);
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return [view.getUint16(at + 7), view.getUint16(at + 5)];
  }
  return null;
}

import { describe, expect, test } from "vitest";

import { toBase64 } from "../crypto/mls/bytes.ts";
import { pictureUrl } from "./picture.ts";

const ascii = (text: string): number[] => [...text].map((each) => each.charCodeAt(0));
const little = (number: number): number[] => [number & 255, number >> 8];
const big = (number: number): number[] => [number >> 8, number & 255];

const webp = (kind: string, ...rest: number[]): string =>
  toBase64(new Uint8Array([...ascii("RIFF"), 0, 0, 0, 0, ...ascii("WEBP"), ...ascii(kind), 0, 0, 0, 0, ...rest, ...Array<number>(9).fill(0)]));
const lossy = (width: number, height: number): string => webp("VP8 ", 0, 0, 0, 0x9d, 1, 0x2a, ...little(width), ...little(height));
function lossless(width: number, height: number): string {
  const bits = (width - 1) | ((height - 1) << 14);
  return webp("VP8L", 0x2f, bits & 255, (bits >> 8) & 255, (bits >> 16) & 255, (bits >>> 24) & 255);
}
const extended = (width: number, height: number): string =>
  webp("VP8X", 0x10, 0, 0, 0, ...little(width - 1), 0, ...little(height - 1), 0);
const jpeg = (width: number, height: number, frame = 0xc0): string =>
  toBase64(
    new Uint8Array([
      0xff, 0xd8, 0xff, 0xe0, ...big(16), ...Array<number>(14).fill(0), 0xff, 0xdb, ...big(67), ...Array<number>(65).fill(1),
      0xff, frame, ...big(17), 8, ...big(height), ...big(width), ...Array<number>(10).fill(0),
    ]),
  );

describe("the address of a picture", () => {
  test.each([lossy(256, 256), lossy(1_024, 1), lossless(256, 200), extended(1_024, 1)])("as WebP", (image) => {
    expect(pictureUrl(image)).toBe(`data:image/webp;base64,${image}`);
  });

  test.each([jpeg(256, 256), jpeg(1, 1_024, 0xc2)])("as JPEG", (image) => {
    expect(pictureUrl(image)).toBe(`data:image/jpeg;base64,${image}`);
  });

  test("of what the browser's own canvas writes", () => {
    // 16 by 16 pixels, lossless, as Chromium writes it.
    const image = "UklGRhoAAABXRUJQVlA4TA4AAAAvD8ADAAcQEf0PRET/Aw==";
    expect(pictureUrl(image)).toContain("image/webp");
  });

  test.each([
    ["none", ""],
    ["of far too many pixels", lossy(12_800, 12_800)],
    ["of far too many pixels without loss", lossless(16_384, 16)],
    ["of far too many pixels as JPEG", jpeg(256, 65_535)],
    ["of no pixels", lossy(0, 16)],
    ["of far too many pixels with effects", extended(256, 1_025)],
    ["of a form that is not known", webp("VP9 ", ...Array<number>(10).fill(1))],
    ["cut off", "UklGRgAA"],
    ["cut off as JPEG", "/9j/4AAQ"],
    ["without a frame", toBase64(new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xd9]))],
    ["that is none", "PHN2Zz4="],
  ])("is none for one %s", (_, image) => {
    expect(pictureUrl(image)).toBeNull();
  });
});

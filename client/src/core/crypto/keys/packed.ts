// Values with bytes in them, as one run of bytes: JSON for the shape, the bytes behind it as they are.

import { joined } from "../mls/bytes.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Where a run of bytes stands behind the shape: `[offset, length]`. A key that no value of ours has. */
const PLACE = "\u0000bytes";

export type Packable = string | number | boolean | null | Uint8Array | readonly Packable[] | { readonly [name: string]: Packable };

export function pack(value: Packable): Uint8Array<ArrayBuffer> {
  const runs: Uint8Array[] = [];
  let offset = 0;
  const shape = (part: Packable): unknown => {
    if (part instanceof Uint8Array) {
      runs.push(part);
      offset += part.length;
      return { [PLACE]: [offset - part.length, part.length] };
    }
    if (Array.isArray(part)) return part.map(shape);
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, shape(inner as Packable)]));
  };
  const head = encoder.encode(JSON.stringify(shape(value)));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length);
  return joined(length, head, ...runs);
}

/** What `pack` made. Throws for anything else; what it returns is as trustworthy as the bytes. */
export function unpack(bytes: Uint8Array): Packable {
  if (bytes.length < 4) throw new RangeError("too short");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const runs = bytes.subarray(4 + length);
  return JSON.parse(decoder.decode(bytes.subarray(4, 4 + length)), (_name, part: unknown) => {
    if (part === null || typeof part !== "object" || !(PLACE in part)) return part;
    const [offset, count] = part[PLACE] as [number, number];
    if (offset + count > runs.length) throw new RangeError("bytes past the end");
    return runs.slice(offset, offset + count);
  }) as Packable;
}

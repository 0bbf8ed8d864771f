import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { inside, MOST_ZOOM, moved, wholeOf, zoomed, zoomOf } from "./crop-model.ts";

const sizes = fc.record({ width: fc.integer({ min: 1, max: 8_000 }), height: fc.integer({ min: 1, max: 8_000 }) });
const numbers = fc.double({ min: -10, max: 10, noNaN: true });

describe("the square", () => {
  it("begins as the largest one in the middle", () => {
    expect(wholeOf({ width: 400, height: 300 })).toEqual({ x: 200, y: 150, side: 300 });
  });

  it("never leaves the picture, however it is moved and zoomed", () => {
    fc.assert(
      fc.property(sizes, numbers, numbers, fc.double({ min: 0.1, max: 10, noNaN: true }), (size, right, down, zoom) => {
        const { x, y, side } = moved(zoomed(wholeOf(size), zoom, size), right, down, size);
        const little = 1e-6 * side;
        expect(side).toBeGreaterThan(0);
        expect(x - side / 2).toBeGreaterThanOrEqual(-little);
        expect(y - side / 2).toBeGreaterThanOrEqual(-little);
        expect(x + side / 2).toBeLessThanOrEqual(size.width + little);
        expect(y + side / 2).toBeLessThanOrEqual(size.height + little);
      }),
    );
  });

  it("zooms between the whole and the least", () => {
    const size = { width: 1000, height: 500 };
    expect(zoomOf(zoomed(wholeOf(size), 99, size), size)).toBe(MOST_ZOOM);
    expect(zoomOf(zoomed(wholeOf(size), 0.01, size), size)).toBe(1);
    expect(inside({ x: 0, y: 0, side: 500 }, size)).toEqual({ x: 250, y: 250, side: 500 });
  });
});

// The square that is cut out of a picture: pure arithmetic, in the picture's own pixels.

export interface Size {
  width: number;
  height: number;
}

/** `x` and `y` are the middle of the square, `side` its length. */
export interface Crop {
  x: number;
  y: number;
  side: number;
}

/** How far one may go in: a smaller square would show its pixels. */
export const MOST_ZOOM = 4;

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** The largest square, in the middle. */
export const wholeOf = ({ width, height }: Size): Crop => ({ x: width / 2, y: height / 2, side: Math.min(width, height) });

/** The square pushed back into the picture. */
export function inside({ x, y, side }: Crop, { width, height }: Size): Crop {
  const most = Math.min(width, height);
  const fit = clamp(side, most / MOST_ZOOM, most);
  const half = fit / 2;
  return { x: clamp(x, half, width - half), y: clamp(y, half, height - half), side: fit };
}

/** Moved by shares of its side: 1 is one whole square to the right or down. */
export const moved = (crop: Crop, right: number, down: number, size: Size): Crop =>
  inside({ ...crop, x: crop.x + right * crop.side, y: crop.y + down * crop.side }, size);

/** 1 shows as much as there is, `MOST_ZOOM` the least. */
export const zoomOf = ({ side }: Crop, { width, height }: Size): number => Math.min(width, height) / side;

export const zoomed = (crop: Crop, zoom: number, size: Size): Crop =>
  inside({ ...crop, side: Math.min(size.width, size.height) / zoom }, size);

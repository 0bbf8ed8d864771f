// A picture from this device: opened, and a square of it made into a file.

import type { Crop, Size } from "./crop-model.ts";

export interface Picture extends Size {
  /** For an `<img>`. */
  url: string;
  bitmap: ImageBitmap;
  /** Frees what it holds. */
  close: () => void;
}

/** The side of what is sent, in pixels: the server keeps no more (batiyoun/files). */
const SIDE = 512;
const QUALITY = 0.9;

/** null: the browser cannot read it. */
export async function open(file: File): Promise<Picture | null> {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const url = URL.createObjectURL(file);
    const close = (): void => {
      URL.revokeObjectURL(url);
      bitmap.close();
    };
    return { url, bitmap, width: bitmap.width, height: bitmap.height, close };
  } catch {
    return null;
  }
}

/** The square as a file, without anything that the camera wrote into the picture. */
export function cut(picture: Picture, crop: Crop): Promise<Blob> {
  // A browser that cannot write WebP gives PNG.
  return written(drawn(picture, crop, SIDE), "image/webp", QUALITY);
}

/** What a small picture is tried with, until it is small enough. */
const SMALL_SIDES = [256, 192, 128, 96, 64];
const SMALL_QUALITIES = [0.85, 0.7, 0.5];

/** The same in at most so many bytes: as large and as good as fits. */
export async function cutSmall(picture: Picture, crop: Crop, most: number): Promise<Blob> {
  for (const side of SMALL_SIDES) {
    // JPEG knows nothing that is see-through, and would show it black.
    const canvas = drawn(picture, crop, side, "white");
    for (const quality of SMALL_QUALITIES) {
      const webp = await written(canvas, "image/webp", quality);
      // What cannot be written as WebP comes as PNG, which is no format for photographs.
      const blob = webp.type === "image/webp" ? webp : await written(canvas, "image/jpeg", quality);
      if (blob.size <= most) return blob;
    }
  }
  throw new Error("no picture is so small");
}

/** `behind`: the colour of what the picture leaves open. */
function drawn({ bitmap }: Picture, { x, y, side }: Crop, most: number, behind?: string): HTMLCanvasElement {
  const length = Math.min(most, Math.ceil(side));
  const canvas = document.createElement("canvas");
  canvas.width = length;
  canvas.height = length;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  if (behind !== undefined) {
    context.fillStyle = behind;
    context.fillRect(0, 0, length, length);
  }
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, x - side / 2, y - side / 2, side, side, 0, 0, length, length);
  return canvas;
}

const written = (canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob> =>
  new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), type, quality);
  });

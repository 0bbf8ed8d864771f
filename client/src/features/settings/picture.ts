// A picture from this device: opened, and a square of it made into a file.

import type { Crop, Size } from "@/ui/crop-model.ts";

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
export async function cut({ bitmap }: Picture, { x, y, side }: Crop): Promise<Blob> {
  const length = Math.min(SIDE, Math.ceil(side));
  const canvas = document.createElement("canvas");
  canvas.width = length;
  canvas.height = length;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, x - side / 2, y - side / 2, side, side, 0, 0, length, length);
  return new Promise((resolve, reject) => {
    // A browser that cannot write WebP gives PNG.
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/webp", QUALITY);
  });
}

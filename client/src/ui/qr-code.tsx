import { generate } from "lean-qr";
import { useMemo } from "react";

/** Light modules around the code, which cameras need (ISO/IEC 18004 §6.3.8). */
const QUIET = 4;

export interface QrCodeProps {
  text: string;
  /** What it is, for screen readers; its content must stand beside it in words. */
  label: string;
}

/** A QR code, drawn here: nothing is sent anywhere. Dark on light also at night, as cameras expect it. */
export function QrCode({ text, label }: QrCodeProps) {
  const { path, size } = useMemo(() => draw(text), [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="aspect-square w-full max-w-56 rounded-md bg-paper"
    >
      <path d={path} className="fill-print" />
    </svg>
  );
}

function draw(text: string): { path: string; size: number } {
  const code = generate(text);
  const squares: string[] = [];
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      if (!code.get(x, y)) continue;
      let run = 1;
      while (code.get(x + run, y)) run += 1;
      squares.push(`M${x + QUIET} ${y + QUIET}h${run}v1h-${run}z`);
      x += run - 1;
    }
  }
  return { path: squares.join(""), size: code.size + 2 * QUIET };
}

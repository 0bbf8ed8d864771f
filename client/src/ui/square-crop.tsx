import { useRef, type KeyboardEvent, type PointerEvent } from "react";
import { MOST_ZOOM, moved, zoomed, zoomOf, type Crop, type Size } from "./crop-model.ts";
import { cx } from "./cx.ts";

/** How far an arrow key moves, in shares of the square. */
const STEP = 0.04;
const ARROWS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

export interface SquareCropProps {
  /** Address of the picture. */
  src: string;
  size: Size;
  crop: Crop;
  /** Whose picture it becomes: it has the shape of their `Avatar`. */
  kind: "person" | "group";
  onChange: (crop: Crop) => void;
  /** What the square is, and how it is moved, for screen readers. */
  label: string;
  zoomLabel: string;
}

/** Chooses the square of a picture: drag it or use the arrow keys; a slider zooms, and so does the wheel. */
export function SquareCrop({ src, size, crop, kind, onChange, label, zoomLabel }: SquareCropProps) {
  const frame = useRef<HTMLButtonElement>(null);
  const from = useRef<{ x: number; y: number; crop: Crop } | null>(null);
  const zoom = zoomOf(crop, size);

  const drag = (event: PointerEvent): void => {
    const start = from.current;
    const width = frame.current?.clientWidth ?? 0;
    if (!start || width === 0) return;
    // The picture follows the hand, so the square goes the other way.
    onChange(moved(start.crop, (start.x - event.clientX) / width, (start.y - event.clientY) / width, size));
  };
  const press = (event: KeyboardEvent): void => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    onChange(moved(crop, arrow[0], arrow[1], size));
  };

  return (
    <div className="flex flex-col items-center gap-5">
      <button
        ref={frame}
        type="button"
        aria-label={label}
        onKeyDown={press}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = { x: event.clientX, y: event.clientY, crop };
        }}
        onPointerMove={drag}
        onPointerUp={() => (from.current = null)}
        onPointerCancel={() => (from.current = null)}
        onWheel={(event) => onChange(zoomed(crop, zoom * (event.deltaY < 0 ? 1.08 : 1 / 1.08), size))}
        className={cx(
          "relative block aspect-square w-full max-w-72 cursor-grab touch-none overflow-hidden bg-sunken active:cursor-grabbing",
          kind === "group" ? "rounded-[32%]" : "rounded-full",
        )}
      >
        <img
          src={src}
          alt=""
          draggable={false}
          className="absolute max-w-none origin-top-left select-none"
          style={{
            width: `${(size.width / crop.side) * 100}%`,
            height: `${(size.height / crop.side) * 100}%`,
            left: `${(0.5 - crop.x / crop.side) * 100}%`,
            top: `${(0.5 - crop.y / crop.side) * 100}%`,
          }}
        />
      </button>
      <input
        type="range"
        aria-label={zoomLabel}
        min={1}
        max={MOST_ZOOM}
        step={0.01}
        value={zoom}
        onChange={(event) => onChange(zoomed(crop, Number(event.target.value), size))}
        className="h-11 w-full max-w-72 cursor-pointer"
      />
    </div>
  );
}

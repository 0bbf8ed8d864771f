import { cx } from "./cx.ts";

/**
 * The mark: the letter ब of बतियौं. Its headline is marigold, its loop is a speech bubble, and the diagonal stroke that tells
 * ब from व is the three dots of somebody typing.
 */
export function LogoMark({ size = "md" }: { size?: "sm" | "md" | "lg" }) {
  return (
    <svg
      viewBox="0 0 48 48"
      aria-hidden="true"
      className={cx("shrink-0", size === "sm" && "size-8", size === "md" && "size-11", size === "lg" && "size-20")}
    >
      <rect width="48" height="48" rx="13" className="fill-plum" />
      <LogoGlyph />
    </svg>
  );
}

/** The letter alone, on a 48 × 48 ground. */
export function LogoGlyph() {
  return (
    <>
      <g className="fill-on-plum">
        <rect x="30.5" y="11" width="5" height="27.5" rx="2.5" />
        <path d="M22 18.5a9.75 9.75 0 1 1-4.2 18.55l-4.5 1.6a1 1 0 0 1-1.3-1.24l1.35-4.5A9.75 9.75 0 0 1 22 18.5Z" />
      </g>
      <rect x="8" y="9" width="32" height="5" rx="2.5" className="fill-marigold" />
      <g className="fill-plum">
        <circle cx="17.8" cy="24.2" r="1.75" />
        <circle cx="22" cy="28.25" r="1.75" />
        <circle cx="26.2" cy="32.3" r="1.75" />
      </g>
    </>
  );
}

/** The mark with the name beside it. `name` and `script` come from the catalogue, so the wordmark follows the language. */
export function Wordmark({ name, script, on = "paper" }: { name: string; script: string; on?: "paper" | "plum" }) {
  return (
    <span className="inline-flex items-center gap-3">
      <LogoMark size="sm" />
      <span className={cx("text-lg font-bold tracking-tight", on === "plum" ? "text-on-plum" : "text-ink")}>{name}</span>
      <span lang="hi" className={cx("text-lg", on === "plum" ? "text-on-plum-soft" : "text-ink-soft")}>
        {script}
      </span>
    </span>
  );
}

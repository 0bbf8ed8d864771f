import { cx } from "./cx.ts";

/** A turning ring. Decorative: whoever shows it says in words what is going on. */
export function Spinner({ size = "md" }: { size?: "sm" | "md" | "lg" }) {
  return (
    <span
      aria-hidden="true"
      className={cx(
        "inline-block shrink-0 animate-spin rounded-full border-2 border-current border-r-transparent",
        size === "sm" && "size-4",
        size === "md" && "size-5",
        size === "lg" && "size-8",
      )}
    />
  );
}

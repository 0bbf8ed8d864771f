import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps, MouseEvent } from "react";
import { Spinner } from "./spinner.tsx";

const button = cva(
  "relative inline-flex select-none items-center justify-center gap-2 rounded-full font-semibold transition-colors " +
    "disabled:opacity-55 aria-busy:opacity-100 active:translate-y-px motion-reduce:active:translate-y-0 [&_svg]:size-[1.15em]",
  {
    variants: {
      look: {
        primary: "bg-brand text-on-brand hover:not-disabled:bg-brand-hover",
        soft: "bg-brand-soft text-on-brand-soft hover:not-disabled:bg-pressed",
        outline: "border border-line-strong text-ink hover:not-disabled:bg-hover",
        quiet: "text-brand hover:not-disabled:bg-hover",
        danger: "bg-danger text-on-danger hover:not-disabled:bg-danger-hover",
        "quiet-danger": "text-danger hover:not-disabled:bg-danger-soft",
      },
      size: {
        md: "h-11 px-5 text-base",
        sm: "h-9 px-4 text-sm pointer-coarse:h-11",
      },
      wide: { true: "w-full" },
    },
    defaultVariants: { look: "primary", size: "md" },
  },
);

export type ButtonProps = Omit<ComponentProps<"button">, "className"> &
  VariantProps<typeof button> & {
    /** Work is going on: shows a ring over the label, keeps the width, refuses further presses. */
    busy?: boolean;
    /** Puts the looks on the only child (a link) instead of a `<button>`. */
    asChild?: boolean;
  };

/** Also keeps the Enter key in a field from submitting the form again. */
const refuse = (event: MouseEvent): void => event.preventDefault();

/** A labelled thing to press. `type` is "button" unless said otherwise, so it never submits a form by accident. */
export function Button({ look, size, wide, busy = false, asChild, onClick, children, ...rest }: ButtonProps) {
  const className = button({ look, size, wide });
  if (asChild) {
    return (
      <Slot.Root className={className} onClick={onClick} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button
      type="button"
      className={className}
      aria-busy={busy || undefined}
      // Not `disabled` while busy: that would drop the focus, and a keyboard would start again at the top of the page.
      aria-disabled={busy || undefined}
      onClick={busy ? refuse : onClick}
      {...rest}
    >
      {busy ? (
        <>
          <span className="invisible inline-flex items-center gap-2">{children}</span>
          <span className="absolute inset-0 flex items-center justify-center">
            <Spinner />
          </span>
        </>
      ) : (
        children
      )}
    </button>
  );
}

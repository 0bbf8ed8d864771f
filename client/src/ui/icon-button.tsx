import { cva, type VariantProps } from "class-variance-authority";
import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { Tooltip } from "./tooltip.tsx";

const iconButton = cva(
  "inline-flex shrink-0 items-center justify-center rounded-full transition-colors disabled:opacity-45 pointer-coarse:size-11",
  {
    variants: {
      look: {
        quiet: "text-ink-soft hover:not-disabled:bg-pressed hover:not-disabled:text-ink data-[state=open]:bg-pressed",
        primary: "bg-brand text-on-brand hover:not-disabled:bg-brand-hover",
        raised: "bg-raised text-ink shadow-raised hover:not-disabled:bg-hover",
        plum: "text-on-plum-soft hover:not-disabled:bg-brand-soft/20",
      },
      size: { md: "size-10", lg: "size-11" },
    },
    defaultVariants: { look: "quiet", size: "md" },
  },
);

export type IconButtonProps = Omit<ComponentProps<"button">, "className" | "children" | "aria-label"> &
  VariantProps<typeof iconButton> & {
    icon: LucideIcon;
    /** What it does, in words: the accessible name and the tooltip. */
    label: string;
    /** Off where the label would only repeat what stands beside it. */
    tooltip?: boolean;
  };

/** An icon to press: 40 px with a mouse, 44 px under a finger (WCAG 2.5.5). */
export function IconButton({ icon: Icon, label, look, size, tooltip = true, ...rest }: IconButtonProps) {
  const button = (
    <button type="button" aria-label={label} className={iconButton({ look, size })} {...rest}>
      <Icon aria-hidden="true" className="size-5" />
    </button>
  );
  return tooltip ? <Tooltip text={label}>{button}</Tooltip> : button;
}

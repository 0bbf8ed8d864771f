import { cva, type VariantProps } from "class-variance-authority";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

const banner = cva("flex w-full items-start gap-2.5 px-4 py-2.5 text-sm [&>svg]:mt-0.5 [&>svg]:size-4.5 [&>svg]:shrink-0", {
  variants: {
    tone: {
      note: "bg-note-soft text-on-note-soft",
      danger: "bg-danger-soft text-on-danger-soft",
      good: "bg-leaf-soft text-leaf-ink",
      quiet: "bg-pressed text-ink",
    },
    shape: { bar: "", card: "rounded-md" },
  },
  defaultVariants: { tone: "note", shape: "bar" },
});

export interface BannerProps extends VariantProps<typeof banner> {
  icon: LucideIcon;
  children: ReactNode;
  /** A button at the end. */
  action?: ReactNode;
  /** "status" for news that should be announced; none for a standing notice. */
  role?: "status" | "alert" | "note";
}

/** A bar that stays until what it says is no longer so. */
export function Banner({ icon: Icon, tone, shape, role = "note", action, children }: BannerProps) {
  return (
    <div role={role} className={banner({ tone, shape })}>
      <Icon aria-hidden="true" />
      <div className="min-w-0 flex-1 text-pretty">{children}</div>
      {action && <div className="shrink-0 self-center">{action}</div>}
    </div>
  );
}

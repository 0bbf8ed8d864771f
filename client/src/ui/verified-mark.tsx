import { BadgeCheck } from "lucide-react";

/** Beside the name of somebody whose keys were compared. */
export function VerifiedMark({ label }: { label: string }) {
  return <BadgeCheck role="img" aria-label={label} className="ms-1 inline size-4 shrink-0 align-[-0.15em] text-leaf-ink" />;
}

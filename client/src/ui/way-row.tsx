import type { LucideIcon } from "lucide-react";
import { ListRow, rowClass } from "./list-row.tsx";
import { Spinner } from "./spinner.tsx";

export interface WayRowProps {
  icon: LucideIcon;
  title: string;
  text?: string;
  /** Red, for what takes something away. */
  danger?: boolean;
  busy?: boolean;
  onPress: () => void;
}

/** A way on among rows of people: an icon in place of the face. */
export function WayRow({ icon: Icon, title, text, danger = false, busy = false, onPress }: WayRowProps) {
  const colours = danger ? "bg-danger-soft text-on-danger-soft" : "bg-brand-soft text-on-brand-soft";
  return (
    <button type="button" aria-busy={busy || undefined} onClick={onPress} className={rowClass}>
      <ListRow
        lead={
          <span aria-hidden="true" className={`flex size-12 shrink-0 items-center justify-center rounded-full ${colours}`}>
            {busy ? <Spinner /> : <Icon className="size-5.5" strokeWidth={1.9} />}
          </span>
        }
        title={danger ? <span className="text-danger">{title}</span> : title}
        text={text}
        wraps
      />
    </button>
  );
}

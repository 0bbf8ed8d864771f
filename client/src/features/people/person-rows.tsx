import type { LucideIcon } from "lucide-react";

import type { Profile } from "@/core/services.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { ListRow, rowClass } from "@/ui/list-row.tsx";
import { Spinner } from "@/ui/spinner.tsx";

export interface PersonRowsProps {
  label: string;
  people: readonly Profile[];
  /** Whose chat is being opened: shows a ring. */
  opening: string | null;
  openingLabel: string;
  onPick: (person: Profile) => void;
}

/** People, each a button. */
export function PersonRows({ label, people, opening, openingLabel, onPick }: PersonRowsProps) {
  return (
    <ul aria-label={label} className="mx-1 flex flex-col sm:mx-3">
      {people.map((person) => (
        <li key={person.id}>
          <button type="button" aria-busy={opening === person.id || undefined} onClick={() => onPick(person)} className={rowClass}>
            <ListRow
              lead={<Avatar id={person.id} name={person.displayName} src={person.avatar} />}
              title={<bdi>{person.displayName}</bdi>}
              text={`@${person.username}`}
            />
            {opening === person.id && (
              <span role="status" className="ms-3 text-brand">
                <Spinner />
                <span className="sr-only">{openingLabel}</span>
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}

export interface WayProps {
  icon: LucideIcon;
  title: string;
  text: string;
  busy?: boolean;
  onPress: () => void;
}

/** A way on that is not a person: looks like a row, with an icon on plum in place of the face. */
export function Way({ icon: Icon, title, text, busy = false, onPress }: WayProps) {
  return (
    <button type="button" aria-busy={busy || undefined} onClick={onPress} className={rowClass}>
      <ListRow
        lead={
          <span aria-hidden="true" className="flex size-12 shrink-0 items-center justify-center rounded-full bg-brand-soft text-on-brand-soft">
            {busy ? <Spinner /> : <Icon className="size-5.5" strokeWidth={1.9} />}
          </span>
        }
        title={title}
        text={text}
      />
    </button>
  );
}

import { Check, X } from "lucide-react";
import type { ReactNode } from "react";
import { Avatar } from "./avatar.tsx";
import { cx } from "./cx.ts";
import { ListRow } from "./list-row.tsx";

/** A person to choose, with the words to show. */
export interface Pickable {
  id: string;
  name: string;
  /** The second line, e.g. the username. */
  detail: string;
  avatar: string | null;
}

/** A profile as something to choose. */
export const pickable = (person: {
  id: string;
  displayName: string;
  username: string;
  avatar: string | null;
}): Pickable => ({ id: person.id, name: person.displayName, detail: `@${person.username}`, avatar: person.avatar });

export interface PickListProps {
  label: string;
  people: readonly Pickable[];
  chosen: ReadonlySet<string>;
  onToggle: (person: Pickable) => void;
}

/** People with a box to tick each; the whole row is the target. */
export function PickList({ label, people, chosen, onToggle }: PickListProps) {
  return (
    <ul aria-label={label} className="mx-1 flex flex-col sm:mx-3">
      {people.map((person) => {
        const on = chosen.has(person.id);
        return (
          <li key={person.id}>
            <label className="relative flex w-full cursor-pointer items-center gap-3 rounded-md px-3 py-2 transition-colors select-none hover:bg-hover has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-brand">
              {/* Invisible but as large as the row, so that a finger exploring the screen finds it, too. */}
              <input
                type="checkbox"
                className="absolute inset-0 cursor-pointer opacity-0"
                checked={on}
                onChange={() => onToggle(person)}
              />
              <ListRow
                lead={<Avatar id={person.id} name={person.name} src={person.avatar} />}
                title={<bdi>{person.name}</bdi>}
                text={person.detail}
              />
              <span
                aria-hidden="true"
                className={cx(
                  "flex size-6 shrink-0 items-center justify-center rounded-full border-2 transition-colors",
                  on ? "border-brand bg-brand text-on-brand" : "border-line-strong",
                )}
              >
                {on && <Check className="size-4" strokeWidth={3} />}
              </span>
            </label>
          </li>
        );
      })}
    </ul>
  );
}

export interface ChosenProps {
  label: string;
  people: readonly Pickable[];
  /** What pressing a person does, e.g. "Take out Ravi". */
  removeLabel: (name: string) => string;
  onRemove: (person: Pickable) => void;
  /** In place of the people while there are none. */
  empty?: ReactNode;
}

/** Those who are chosen, in one line that scrolls sideways; a press takes one out. */
export function Chosen({ label, people, removeLabel, onRemove, empty }: ChosenProps) {
  if (people.length === 0) return empty;
  return (
    <ul aria-label={label} className="-mx-1 flex max-h-26 flex-wrap gap-1.5 overflow-y-auto overscroll-contain px-1 py-1">
      {people.map((person) => (
        <li key={person.id} className="max-w-full min-w-0">
          <button
            type="button"
            aria-label={removeLabel(person.name)}
            onClick={() => onRemove(person)}
            className="flex h-9 max-w-56 animate-appear items-center gap-2 rounded-full bg-brand-soft ps-1 pe-2.5 text-sm font-medium text-on-brand-soft transition-colors hover:bg-pressed pointer-coarse:h-11"
          >
            <Avatar id={person.id} name={person.name} src={person.avatar} size="xs" />
            <bdi className="truncate">{person.name}</bdi>
            <X aria-hidden="true" className="size-4 shrink-0" />
          </button>
        </li>
      ))}
    </ul>
  );
}

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

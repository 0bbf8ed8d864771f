import { useEffect, useEffectEvent, useLayoutEffect, useState, type KeyboardEvent, type ReactNode } from "react";

import { EVERYONE } from "@/core/limits.ts";
import type { MemberItem } from "@/core/services.ts";
import type { Token } from "@/core/talk/complete.ts";
import { handlesOf } from "@/core/talk/mentions.ts";
import { useLanguage, useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { cx } from "@/ui/cx.ts";

import type { Emoji } from "./emoji-data.ts";
import { nameable } from "./nameable.ts";
import { emojiFor, peopleFor } from "./suggest.ts";

export interface SuggestionsProps {
  token: Token;
  members: readonly MemberItem[];
  myId: string;
  /** The word for everybody of a group; null: there is none. */
  everyone: string | null;
  /** Id of the list, for the field that it belongs to. */
  listId: string;
  /** These words take the place of the token. */
  onPick: (words: string) => void;
  onDismiss: () => void;
  /** Told what the keys of the field do, and whether a key was for the list; null: nothing is suggested. */
  onKeys: (press: ((event: KeyboardEvent) => boolean) | null) => void;
  /** What the field speaks of now; null: nothing is suggested. */
  onActive: (active: Active | null) => void;
}

/** The `id` of the suggestion that Enter takes, and what is said once about all of them. */
export interface Active {
  id: string;
  says: string;
}

interface Suggestion {
  id: string;
  words: string;
  lead: ReactNode;
  title: string;
  detail?: string;
}

/** What a name that is being written may become. The focus stays in the field, as with results of a search. */
export function Suggestions(props: SuggestionsProps) {
  return props.token.kind === "person" ? <People {...props} /> : <Pictures {...props} />;
}

function People(props: SuggestionsProps) {
  const t = useT();
  const { token, members, myId, everyone, listId } = props;
  const people = nameable(members, myId, everyone);
  const handles = handlesOf(people);
  const pictures = new Map(members.map(({ userId, profile }) => [userId, profile?.avatar ?? null]));
  const suggestions = peopleFor(token.query, people).map(({ id, name, username }): Suggestion => ({
    id: `${listId}-${id}`,
    words: `@${handles.get(id) ?? username}`,
    lead: <Avatar id={id} name={name} src={pictures.get(id) ?? null} kind={id === EVERYONE ? "group" : "person"} size="sm" />,
    title: name,
    detail: id === EVERYONE ? t("complete.everyone") : `@${username}`,
  }));
  return <List {...props} label={t("complete.people")} suggestions={suggestions} />;
}

/** Kept once it is here. */
let known: readonly Emoji[] | null = null;

function useEmoji(): readonly Emoji[] {
  const [emoji, setEmoji] = useState(known ?? []);
  useEffect(() => {
    const fetchAll = async (): Promise<void> => {
      try {
        const { EMOJI } = await import("./emoji-data.ts");
        known = EMOJI.flatMap(([, each]) => each);
        setEmoji(known);
      } catch {
        // Without a network nothing is suggested; what was written stays what it is.
      }
    };
    if (!known) void fetchAll();
  }, []);
  return emoji;
}

function Pictures(props: SuggestionsProps) {
  const t = useT();
  const language = useLanguage();
  const { token, listId } = props;
  const suggestions = emojiFor(token.query, useEmoji(), language).map(({ emoji, names }): Suggestion => ({
    id: `${listId}-${emoji}`,
    words: emoji,
    lead: (
      <span aria-hidden="true" className="w-9 text-center text-2xl">
        {emoji}
      </span>
    ),
    title: names[language][0] ?? emoji,
  }));
  return <List {...props} label={t("complete.emoji")} suggestions={suggestions} />;
}

interface ListProps extends SuggestionsProps {
  label: string;
  suggestions: readonly Suggestion[];
}

function List({ token, listId, label, suggestions, onPick, onDismiss, onKeys, onActive }: ListProps) {
  const t = useT();
  const [chosen, setChosen] = useState({ query: token.query, at: 0 });
  // Another letter begins with the first one again.
  const at = chosen.query === token.query ? Math.min(chosen.at, suggestions.length - 1) : 0;
  const active = suggestions[at];

  const move = (by: number): void => {
    const next = (at + by + suggestions.length) % suggestions.length;
    setChosen({ query: token.query, at: next });
    document.getElementById(suggestions[next]?.id ?? "")?.scrollIntoView({ block: "nearest" });
  };
  const press = useEffectEvent((event: KeyboardEvent): boolean => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !active) return false;
    const does: Partial<Record<string, () => void>> = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Enter: () => onPick(active.words),
      Tab: () => onPick(active.words),
      Escape: onDismiss,
    };
    const run = does[event.key];
    if (!run) return false;
    event.preventDefault();
    // Escape closes one thing at a time.
    event.stopPropagation();
    run();
    return true;
  });
  const any = suggestions.length > 0;
  // Before the next key, not a moment later.
  useLayoutEffect(() => {
    if (!any) return undefined;
    onKeys((event) => press(event));
    return () => onKeys(null);
  }, [any, onKeys]);
  const says = t("complete.says", { count: suggestions.length });
  const activeId = active?.id ?? null;
  useLayoutEffect(() => onActive(activeId === null ? null : { id: activeId, says }), [activeId, says, onActive]);
  useLayoutEffect(() => () => onActive(null), [onActive]);

  if (!any) return null;
  return (
    <div className="absolute inset-x-0 bottom-full z-10 mx-auto max-w-4xl px-3 pb-1.5">
      <div
        role="listbox"
        id={listId}
        aria-label={label}
        className="max-h-[min(20rem,40dvh)] animate-appear overflow-y-auto overscroll-contain rounded-lg border border-line bg-raised py-1.5 shadow-overlay"
      >
        {suggestions.map((each) => (
          // Keys are the field's.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={each.id}
            role="option"
            id={each.id}
            aria-selected={each === active}
            onClick={() => onPick(each.words)}
            // The field keeps the focus, and a phone its keyboard.
            onMouseDown={(event) => event.preventDefault()}
            className={cx(
              "mx-1.5 flex min-h-11 cursor-pointer items-center gap-3 rounded-md px-2.5 py-1 transition-colors select-none hover:bg-hover",
              each === active && "bg-pressed hover:bg-pressed",
            )}
          >
            {each.lead}
            <span className="min-w-0 truncate font-semibold text-ink">
              <bdi>{each.title}</bdi>
            </span>
            {each.detail && <span className="min-w-0 flex-1 truncate text-sm text-ink-soft">{each.detail}</span>}
          </div>
        ))}
      </div>
    </div>
  );
}

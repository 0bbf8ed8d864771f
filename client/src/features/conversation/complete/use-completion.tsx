// Names that are completed while somebody writes. Where the caret is is looked at with every key; what is suggested there
// is fetched the first time that there is something to suggest.

import { useCallback, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";

import type { MemberItem } from "@/core/services.ts";
import { completed, isAt, tokenAt, type Token } from "@/core/talk/complete.ts";
import { speakAlso } from "@/i18n/index.ts";
import { LiveRegion } from "@/ui/live-region.tsx";

import type { Active, Suggestions as SuggestionsType } from "./suggestions.tsx";

let loaded: typeof SuggestionsType | null = null;

async function load(): Promise<typeof SuggestionsType> {
  const [{ Suggestions }] = await Promise.all([import("./suggestions.tsx"), speakAlso("complete")]);
  return (loaded = Suggestions);
}

export interface CompletionOptions {
  field: RefObject<HTMLTextAreaElement | null>;
  /** What is in the field. */
  text: string;
  write: (text: string) => void;
  members: readonly MemberItem[];
  myId: string;
  /** The word for everybody of a group; null: there is none. */
  everyone: string | null;
}

export interface Completion {
  /** Whether the key was for the suggestions, and is done with. */
  press: (event: KeyboardEvent) => boolean;
  /** The caret may have moved. */
  look: (field: HTMLTextAreaElement) => void;
  close: () => void;
  /** What the field says of the list. It stays a text box: a field of several lines can be no combobox (ARIA in HTML §4). */
  aria: { "aria-autocomplete"?: "list"; "aria-controls"?: string; "aria-activedescendant"?: string };
  list: ReactNode;
}

export function useCompletion({ field, text, write, members, myId, everyone }: CompletionOptions): Completion {
  const listId = useId();
  const [token, setToken] = useState<Token | null>(null);
  /** Where the person did not want any. */
  const [unwanted, setUnwanted] = useState<number | null>(null);
  const [Suggestions, setSuggestions] = useState(() => loaded);
  const [active, setActive] = useState<Active | null>(null);
  const keys = useRef<((event: KeyboardEvent) => boolean) | null>(null);
  const caret = useRef<number | null>(null);
  const onKeys = useCallback((press: ((event: KeyboardEvent) => boolean) | null): void => void (keys.current = press), []);
  const open = token !== null && token.from !== unwanted && isAt(token, text);

  // The caret can stand behind the new words only once they are in the field.
  useLayoutEffect(() => {
    if (caret.current === null) return;
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });

  const fetchList = async (): Promise<void> => {
    try {
      const fetched = await load();
      setSuggestions(() => fetched);
    } catch {
      // Without a network nothing is suggested; the next name tries again.
    }
  };
  const look = ({ value, selectionStart, selectionEnd }: HTMLTextAreaElement): void => {
    const next = selectionStart === selectionEnd ? tokenAt(value, selectionEnd) : null;
    setToken(next);
    // A space ends what is looked for, and the name may go on behind it: unwanted is what begins at that sign.
    const gone = unwanted !== null && !"@:".includes(value[unwanted] ?? " ");
    if (gone || (next !== null && next.from !== unwanted)) setUnwanted(null);
    if (next && !Suggestions) void fetchList();
  };
  const pick = (words: string): void => {
    if (!token) return;
    const done = completed(text, token, words);
    caret.current = done.caret;
    setToken(null);
    write(done.text);
  };

  return {
    press: (event) => open && (keys.current?.(event) ?? false),
    look,
    close: () => setToken(null),
    aria: open && active !== null ? { "aria-autocomplete": "list", "aria-controls": listId, "aria-activedescendant": active.id } : {},
    list: (
      <>
        {/* A text box has no aria-expanded: that there is something to choose from, and how, is said. */}
        <LiveRegion text={open && active !== null ? active.says : ""} />
        {open && Suggestions && (
          <Suggestions
            token={token}
            members={members}
            myId={myId}
            everyone={everyone}
            listId={listId}
            onPick={pick}
            onDismiss={() => setUnwanted(token.from)}
            onKeys={onKeys}
            onActive={setActive}
          />
        )}
      </>
    ),
  };
}

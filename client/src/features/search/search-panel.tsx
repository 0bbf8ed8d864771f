import { useEffect, useEffectEvent, useMemo, useState, type KeyboardEvent } from "react";

import type { ChatItem, SearchHit } from "@/core/services.ts";
import { chatName } from "@/hooks/chat-name.ts";
import { useProblem } from "@/hooks/problem.ts";
import { askedBy, useSearch } from "@/hooks/search.ts";
import { useServices } from "@/hooks/services.ts";
import { matches } from "@/i18n/fold.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { LiveRegion } from "@/ui/live-region.tsx";
import { toast } from "@/ui/toast-store.ts";

import { Building } from "./building.tsx";
import { Filters } from "./filters.tsx";
import { Results, type Result } from "./results.tsx";
import { isChosen, NO_CHIPS, queryOf } from "./wanted.ts";

export interface SearchPanelProps {
  query: string;
  chats: readonly ChatItem[];
  myId: string;
  /** Id of the results, for the field that they belong to. */
  listId: string;
  /** Told what the keys of the field do; null: nothing any more. */
  onKeys: (press: ((event: KeyboardEvent) => void) | null) => void;
  /** Enter was pressed, perhaps before there was anything to open: what is chosen is opened when it is there. */
  entered: boolean;
  onEntered: () => void;
  /** Which result the field speaks of. */
  onActive: (id: string | null) => void;
  /** Something is chosen to look for, also without words. */
  onHold: (held: boolean) => void;
  /** To a chat, or to a message of it. */
  onOpen: (chatId: string, key?: string) => void;
  onNew: () => void;
}

/** Chats shown before the messages. */
const CHATS = 6;
const FIRST = 30;
const MORE = 60;

/** What is found by name and by words, while one types into the field above the chats. */
export function SearchPanel({ query, chats, myId, listId, onKeys, entered, onEntered, onActive, onHold, onOpen, onNew }: SearchPanelProps) {
  const t = useT();
  const services = useServices();
  const [chips, setChips] = useState(NO_CHIPS);
  const [limit, setLimit] = useState(FIRST);
  const [today] = useState(Date.now);
  const wanted = useMemo(() => queryOf(query, chips, today), [query, chips, today]);
  const search = useSearch(wanted, limit);
  const say = useProblem();
  const asked = wanted && askedBy(wanted);
  const [before, setBefore] = useState(asked);
  const [chosen, setChosen] = useState<string | null>(null);
  if (before !== asked) {
    setBefore(asked);
    setChosen(null);
    setLimit(FIRST);
  }
  const current = search.found !== null && search.found.asked === asked;

  const named = useMemo(() => {
    if (query.trim() === "" || isChosen(chips)) return [];
    return chats.filter((chat) => matches(query, chatName(chat, myId, t), chat.partner?.displayName, chat.partner?.username)).slice(0, CHATS);
  }, [chats, chips, myId, query, t]);
  const people = useMemo(() => {
    if (isChosen(chips)) return [];
    const partners = new Set([myId, ...chats.flatMap((chat) => chat.partnerId ?? [])]);
    return (search.found?.people ?? []).filter((each) => !partners.has(each.id));
  }, [chats, chips, myId, search.found]);
  const hits = wanted ? (search.found?.hits ?? NOTHING) : NOTHING;

  const results: Result[] = useMemo(
    () => [
      ...named.map((chat): Result => ({ id: `${listId}-c-${chat.id}`, kind: "chat", chat })),
      ...people.map((person): Result => ({ id: `${listId}-p-${person.id}`, kind: "person", person })),
      ...hits.map((hit): Result => ({ id: `${listId}-m-${hit.key}`, kind: "message", hit })),
    ],
    [hits, listId, named, people],
  );
  const active = results.find((each) => each.id === chosen) ?? results[0];

  const open = (result: Result): void => {
    if (result.kind === "chat") onOpen(result.chat.id);
    else if (result.kind === "message") onOpen(result.hit.chatId, result.hit.key);
    else void begin(result.person.id);
  };
  const begin = async (userId: string): Promise<void> => {
    try {
      onOpen(await services.chats.createDirect(userId));
    } catch (error) {
      toast(say(error), "danger");
    }
  };
  const settled = current || named.length > 0;
  const move = (by: number): void => {
    const at = active ? results.indexOf(active) : -1;
    const next = results[Math.min(Math.max(at + by, 0), results.length - 1)];
    if (at + by >= results.length && search.found?.more) setLimit((now) => now + MORE);
    if (!next) return;
    setChosen(next.id);
    document.getElementById(next.id)?.scrollIntoView({ block: "nearest" });
  };
  const press = useEffectEvent((event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Partial<Record<string, number>> = { ArrowDown: chosen === null ? 0 : 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const by = steps[event.key];
    if (by !== undefined) {
      event.preventDefault();
      // The first arrow shows which one Enter opens.
      move(by);
    } else if (event.key === "Escape" && query === "") setChips(NO_CHIPS);
  });
  const enter = useEffectEvent((): void => {
    onEntered();
    if (active) open(active);
  });
  useEffect(() => {
    onKeys((event) => press(event));
    return () => onKeys(null);
  }, [onKeys]);
  useEffect(() => {
    if (entered && settled) enter();
  }, [entered, settled]);
  useEffect(() => onActive(active?.id ?? null), [active?.id, onActive]);
  useEffect(() => () => onActive(null), [onActive]);
  useEffect(() => onHold(isChosen(chips)), [chips, onHold]);

  const status = !wanted || !settled ? "" : search.found?.more ? t("search.foundMore", { count: results.length }) : t("search.found", { count: results.length });
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <Filters chips={chips} onChange={setChips} chats={chats} people={search.everybody} myId={myId} />
      <LiveRegion text={status} />
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain pb-24 min-[900px]:pb-4">
        <Building state={search.state} failed={search.failed} onRetry={search.retry} onBuild={search.build} />
        <Results
          results={results}
          active={active?.id ?? null}
          listId={listId}
          chats={chats}
          myId={myId}
          done={current}
          failed={search.failed}
          onOpen={open}
          onNew={onNew}
        />
        {search.found?.more && wanted && (
          <div className="flex justify-center py-2">
            <Button look="quiet" size="sm" onClick={() => setLimit((now) => now + MORE)}>
              {t("search.more")}
            </Button>
          </div>
        )}
        {results.length > 0 && <p className="px-5 pt-2 pb-4 text-center text-xs text-ink-soft text-pretty">{t("search.onlyHere")}</p>}
      </div>
    </div>
  );
}

const NOTHING: readonly SearchHit[] = [];

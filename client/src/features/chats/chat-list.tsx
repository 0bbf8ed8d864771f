import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type ComponentType, type KeyboardEvent, type UIEvent } from "react";

import type { ChatItem } from "@/core/services.ts";

import { useMe } from "@/hooks/me.ts";
import { useQuery } from "@/hooks/services.ts";
import { speakAlso, useT } from "@/i18n/index.ts";
import { SearchField } from "@/ui/search-field.tsx";

import { ListHeader } from "./list-header.tsx";
import { NoChats } from "./nothing.tsx";
import { FEW, FewRows, type RowsProps } from "./rows.tsx";

type Many = ComponentType<RowsProps>;

export interface ChatListProps {
  /** The chat that is open beside the list. */
  selectedId: string | null;
  /** To a chat, or to a message of it. */
  onOpen: (chatId: string, key?: string) => void;
  /** To where a new chat is begun. */
  onNew: () => void;
  onSettings: () => void;
  /** What is shown in the place of the chats while something is looked for. */
  Search: ComponentType<SearchProps>;
}

/** See features/search. */
interface SearchProps {
  query: string;
  chats: readonly ChatItem[];
  myId: string;
  listId: string;
  onKeys: (press: ((event: KeyboardEvent) => void) | null) => void;
  entered: boolean;
  onEntered: () => void;
  onActive: (id: string | null) => void;
  onHold: (held: boolean) => void;
  onOpen: (chatId: string, key?: string) => void;
  onNew: () => void;
}

/** app/wished.ts brings the focus here. */
const SEARCH_FIELD = "search";
const RESULTS = "search-results";

const fetchExtras = async () => (await Promise.all([import("./extras.tsx"), speakAlso("wishes")]))[0];

/** All chats but the archived, which have a place of their own, with a field to find them and what was said in them. */
export function ChatList({ selectedId, onOpen, onNew, onSettings, Search }: ChatListProps) {
  const t = useT();
  const myId = useMe()?.id ?? "";
  const chats = useQuery((services) => services.chats.list(), []);
  const [query, setQuery] = useState("");
  // As state, because a ref of a parent is not there yet when the rows come with the first render.
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const scrolled = useScrolled(scroller, selectedId);
  const [archive, setArchive] = useState(false);
  const [extras, setExtras] = useState<Awaited<ReturnType<typeof fetchExtras>> | null>(null);
  useEffect(() => {
    // Without them the list is a list all the same; so it is drawn first.
    const soon = setTimeout(() => void fetchExtras().then(setExtras, () => {}));
    return () => clearTimeout(soon);
  }, []);
  const entrance = useRef<() => void>(() => {});
  const keys = useRef<((event: KeyboardEvent) => void) | null>(null);
  const onKeys = useCallback<SearchProps["onKeys"]>((press) => void (keys.current = press), []);
  const [entered, setEntered] = useState(false);
  const [active, setActive] = useState<string | null>(null);
  const [held, setHeld] = useState(false);
  const searching = query.trim() !== "" || held;
  const archived = chats?.filter((chat) => chat.archived).length ?? 0;
  // The last chat that comes back takes the person along.
  const inArchive = archive && archived > 0 && !searching;
  const shown = useMemo(() => (chats ?? []).filter((chat) => chat.archived === inArchive), [chats, inArchive]);
  const Many = useMany(shown.length > FEW);

  return (
    <nav aria-label={t("chats.title")} className="flex h-full min-h-0 w-full min-w-0 flex-col bg-surface">
      <ListHeader onNew={onNew} onSettings={onSettings} />
      {chats !== undefined && chats.length > 0 && (
        <div className="shrink-0 px-4 pb-3">
          <SearchField
            label={t("chats.search")}
            clearLabel={t("chats.clear")}
            id={SEARCH_FIELD}
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={active !== null}
            aria-controls={active === null ? undefined : RESULTS}
            aria-activedescendant={active ?? undefined}
            value={query}
            onChange={(text) => {
              setEntered(false);
              setQuery(text);
            }}
            onKeyDown={(event) => {
              if (event.key === "ArrowDown" && !searching) {
                event.preventDefault();
                entrance.current();
              }
              if (event.key === "Enter" && !event.nativeEvent.isComposing && searching) setEntered(true);
              keys.current?.(event);
            }}
          />
        </div>
      )}
      {searching && chats !== undefined ? (
        <Search
          query={query}
          chats={chats}
          myId={myId}
          listId={RESULTS}
          onKeys={onKeys}
          entered={entered}
          onEntered={() => setEntered(false)}
          onActive={setActive}
          onHold={setHeld}
          onOpen={onOpen}
          onNew={onNew}
        />
      ) : (
        <>
          {extras && inArchive && <extras.ArchiveHead onBack={() => setArchive(false)} />}
          <div ref={setScroller} onScroll={scrolled} className="min-h-0 flex-1 overflow-y-auto overscroll-contain pb-24 min-[900px]:pb-4">
            {shown.length > 0 ? (
              <Rows chats={shown} Many={Many} Marks={extras?.Marks} {...{ myId, selectedId, scroller, onOpen, entrance }} />
            ) : (
              !archived && <NoChats loaded={chats !== undefined} onNew={onNew} />
            )}
            {extras && archived > 0 && !inArchive && <extras.ArchivedWay count={archived} onPress={() => setArchive(true)} />}
            {extras && scroller && chats && <extras.RowMenus list={scroller} chats={chats} myId={myId} />}
          </div>
        </>
      )}
    </nav>
  );
}

/**
 * Puts the list back to where it was when it comes again after a search; where another chat was chosen meanwhile, that one
 * is brought into view instead. For `onScroll`.
 */
function useScrolled(scroller: HTMLElement | null, selectedId: string | null): (event: UIEvent<HTMLElement>) => void {
  const kept = useRef({ top: 0, selectedId });
  // After the rows' own, which begin at the top.
  useLayoutEffect(() => {
    // To write it is to lay everything out at once, so not where it is the same.
    const { top, selectedId: before } = kept.current;
    if (scroller && top > 0 && before === selectedId) scroller.scrollTop = top;
    // Only when the list comes.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [scroller]);
  useEffect(() => {
    if (scroller) kept.current.selectedId = selectedId;
  });
  return useCallback((event) => void (kept.current.top = event.currentTarget.scrollTop), []);
}

/** Few rows at once; of many, the first ones until the rest can be shown, and all of them if it cannot be fetched. */
function Rows({ Many, ...props }: RowsProps & { Many: Many | null | undefined }) {
  if (Many && props.chats.length > FEW) return <Many {...props} />;
  const { scroller: _scroller, ...few } = props;
  return <FewRows {...few} most={Many === null ? Infinity : FEW} />;
}

/** What shows many rows: fetched once they are wanted; undefined: on its way, null: not to be had. */
function useMany(wanted: boolean): Many | null | undefined {
  const [Many, setMany] = useState<Many | null>();
  useEffect(() => {
    if (!wanted || Many) return;
    const fetched = async (): Promise<void> => {
      try {
        const { ManyRows } = await import("./many-rows.tsx");
        setMany(() => ManyRows);
      } catch {
        setMany(null);
      }
    };
    void fetched();
    // Asked for anew when it is wanted again.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted]);
  return Many;
}

import { useEffect, useMemo, useRef, useState, type ComponentType } from "react";

import { useMe } from "@/hooks/me.ts";
import { useQuery } from "@/hooks/services.ts";
import { matches } from "@/i18n/fold.ts";
import { speakAlso, useT } from "@/i18n/index.ts";
import { LiveRegion } from "@/ui/live-region.tsx";
import { SearchField } from "@/ui/search-field.tsx";

import { ListHeader } from "./list-header.tsx";
import { chatName } from "./names.ts";
import { NoChats, NoMatch } from "./nothing.tsx";
import { FEW, FewRows, type RowsProps } from "./rows.tsx";

type Many = ComponentType<RowsProps>;

export interface ChatListProps {
  /** The chat that is open beside the list. */
  selectedId: string | null;
  onOpen: (chatId: string) => void;
  /** To where a new chat is begun. */
  onNew: () => void;
  onSettings: () => void;
}

const fetchExtras = async () => (await Promise.all([import("./extras.tsx"), speakAlso("wishes")]))[0];

/** All chats but the archived, which have a place of their own, with a field to find one by name. */
export function ChatList({ selectedId, onOpen, onNew, onSettings }: ChatListProps) {
  const t = useT();
  const myId = useMe()?.id ?? "";
  const chats = useQuery((services) => services.chats.list(), []);
  const [query, setQuery] = useState("");
  // As state, because a ref of a parent is not there yet when the rows come with the first render.
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const [archive, setArchive] = useState(false);
  const [extras, setExtras] = useState<Awaited<ReturnType<typeof fetchExtras>> | null>(null);
  useEffect(() => {
    // Without them the list is a list all the same.
    fetchExtras().then(setExtras, () => {});
  }, []);
  const entrance = useRef<() => void>(() => {});
  const searching = query.trim() !== "";
  const archived = chats?.filter((chat) => chat.archived).length ?? 0;
  // The last chat that comes back takes the person along.
  const inArchive = archive && archived > 0 && !searching;
  const shown = useMemo(
    () =>
      searching
        ? (chats ?? []).filter((chat) => matches(query, chatName(chat, myId, t), chat.partner?.displayName, chat.partner?.username))
        : (chats ?? []).filter((chat) => chat.archived === inArchive),
    [chats, query, searching, inArchive, myId, t],
  );
  const Many = useMany(shown.length > FEW);

  return (
    <nav aria-label={t("chats.title")} className="flex h-full min-h-0 w-full min-w-0 flex-col bg-surface">
      <ListHeader onNew={onNew} onSettings={onSettings} />
      {chats !== undefined && chats.length > 0 && (
        <div className="shrink-0 px-4 pb-3">
          <SearchField
            label={t("chats.search")}
            clearLabel={t("chats.clear")}
            value={query}
            onChange={setQuery}
            onKeyDown={(event) => {
              if (event.key === "ArrowDown") {
                event.preventDefault();
                entrance.current();
              } else if (event.key === "Enter" && !event.nativeEvent.isComposing && searching && shown[0]) onOpen(shown[0].id);
            }}
          />
        </div>
      )}
      <LiveRegion text={searching ? t("chats.found", { count: shown.length }) : ""} />
      {extras && inArchive && <extras.ArchiveHead onBack={() => setArchive(false)} />}
      <div ref={setScroller} className="min-h-0 flex-1 overflow-y-auto overscroll-contain pb-24 min-[900px]:pb-4">
        {shown.length > 0 ? (
          <Rows chats={shown} Many={Many} Marks={extras?.Marks} {...{ myId, selectedId, scroller, onOpen, entrance }} />
        ) : searching && chats?.length ? (
          <NoMatch query={query.trim()} onNew={onNew} />
        ) : (
          !archived && <NoChats loaded={chats !== undefined} onNew={onNew} />
        )}
        {extras && archived > 0 && !searching && !inArchive && (
          <extras.ArchivedWay count={archived} onPress={() => setArchive(true)} />
        )}
        {extras && scroller && chats && <extras.RowMenus list={scroller} chats={chats} myId={myId} />}
      </div>
    </nav>
  );
}

/** Few rows at once; of many, the first ones until the rest can be shown, and all of them if it cannot be fetched. */
function Rows({ Many, ...props }: RowsProps & { Many: Many | null | undefined }) {
  if (Many && props.chats.length > FEW) return <Many {...props} />;
  return <FewRows {...props} most={Many === null ? Infinity : FEW} />;
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

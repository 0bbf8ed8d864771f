import { NotebookPen, UsersRound } from "lucide-react";
import { useState } from "react";

import { useAction } from "@/hooks/action.ts";
import { useMe } from "@/hooks/me.ts";
import { usePeopleSearch } from "@/hooks/people-search.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Pane } from "@/ui/pane.tsx";
import { mayTakeFocus } from "@/ui/pointer.ts";
import { SearchField } from "@/ui/search-field.tsx";
import { Spinner } from "@/ui/spinner.tsx";
import { Trouble } from "@/ui/trouble.tsx";
import { WayRow } from "@/ui/way-row.tsx";

import { Found } from "./found.tsx";
import { PersonRows } from "./person-rows.tsx";

export interface NewChatProps {
  /** The chat is there. */
  onOpen: (chatId: string) => void;
  onNewGroup: () => void;
  onBack: () => void;
}

/** Whom to talk to: somebody found by name, several people, or oneself. */
export function NewChat({ onOpen, onNewGroup, onBack }: NewChatProps) {
  const t = useT();
  const services = useServices();
  const me = useMe();
  const [query, setQuery] = useState("");
  const search = usePeopleSearch(query);
  const { problem, run } = useAction();
  const [opening, setOpening] = useState<string | null>(null);

  const open = async (userId: string): Promise<void> => {
    if (opening) return;
    setOpening(userId);
    await run(async () => onOpen(await services.chats.createDirect(userId)));
    setOpening(null);
  };

  return (
    <Pane
      title={t("people.newChat")}
      backLabel={t("people.back")}
      onBack={onBack}
      top={
        <SearchField
          // The page is for searching: whoever came here wants to type a name.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus={mayTakeFocus()}
          label={t("people.search")}
          placeholder={t("people.placeholder")}
          clearLabel={t("people.clear")}
          value={query}
          onChange={setQuery}
          start={search.searching ? <Spinner size="sm" /> : undefined}
        />
      }
    >
      {problem && (
        <div className="mx-4 mb-3 sm:mx-6">
          <Trouble>{problem}</Trouble>
        </div>
      )}
      {query.trim() === "" && (
        <div className="mx-1 mb-2 flex flex-col sm:mx-3">
          <WayRow icon={UsersRound} title={t("people.newGroup")} text={t("people.newGroupText")} onPress={onNewGroup} />
          <WayRow
            icon={NotebookPen}
            title={t("people.notes")}
            text={t("people.notesText")}
            busy={opening !== null && opening === me?.id}
            onPress={() => me && void open(me.id)}
          />
        </div>
      )}
      <Found query={query} search={search}>
        {(people, label) => (
          <PersonRows
            label={label}
            people={people}
            opening={opening}
            openingLabel={t("people.opening")}
            onPick={(person) => void open(person.id)}
          />
        )}
      </Found>
    </Pane>
  );
}

import { useState } from "react";

import { MAX_ADDED, MAX_GROUP } from "@/core/limits.ts";
import type { ChatDetail } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useChosen } from "@/hooks/chosen.ts";
import { usePeopleSearch } from "@/hooks/people-search.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Chosen, pickable, PickList, type Pickable } from "@/ui/person-picker.tsx";
import { mayTakeFocus } from "@/ui/pointer.ts";
import { SearchField } from "@/ui/search-field.tsx";
import { SearchResults } from "@/ui/search-results.tsx";
import { Spinner } from "@/ui/spinner.tsx";
import { toast } from "@/ui/toast-store.ts";
import { Trouble } from "@/ui/trouble.tsx";

export interface AddMembersProps {
  open: boolean;
  chat: ChatDetail;
  onClose: () => void;
}

/** People to add to the group; members are left out. */
export function AddMembers({ open, chat, onClose }: AddMembersProps) {
  if (!open) return null;
  return <Adding chat={chat} onClose={onClose} />;
}

function Adding({ chat, onClose }: Omit<AddMembersProps, "open">) {
  const t = useT();
  const services = useServices();
  const [query, setQuery] = useState("");
  const search = usePeopleSearch(query);
  const { chosen, ids, toggle } = useChosen<Pickable>();
  const { busy, problem, run } = useAction();
  const members = new Set(chat.members.map((member) => member.userId));
  const people = search.people?.filter((person) => !members.has(person.id)).map(pickable);
  const room = Math.min(MAX_ADDED, MAX_GROUP - members.size);
  const asked = query.trim() !== "";
  const heading = t(asked ? "group.results" : "group.known");
  const count = people?.length ?? 0;

  const choose = (person: Pickable): void => {
    toggle(person);
    setQuery("");
  };
  const first = asked ? people?.find((person) => !ids.has(person.id)) : undefined;
  const add = async (): Promise<void> => {
    const wanted = chosen.map((person) => person.id);
    if (!(await run(() => services.chats.addMembers(chat.id, wanted)))) return;
    toast(t("group.added", { count: wanted.length }), "good");
    onClose();
  };

  return (
    <Dialog
      open
      onClose={onClose}
      title={t("group.add")}
      closeLabel={t("common.close")}
      footer={
        <>
          <p aria-live="polite" className="flex min-w-0 flex-1 items-center text-sm text-ink-soft">
            {chosen.length > room ? (
              <span className="text-danger">{t("group.tooMany", { count: room })}</span>
            ) : chosen.length > 0 ? (
              t("group.chosen", { count: chosen.length })
            ) : (
              t("group.nobodyChosen")
            )}
          </p>
          <Button busy={busy} disabled={chosen.length === 0 || chosen.length > room} onClick={() => void add()}>
            {chosen.length > 0 ? t("group.addConfirm", { count: chosen.length }) : t("group.addNobody")}
          </Button>
        </>
      }
    >
      <div className="sticky top-0 z-10 flex flex-col gap-2 bg-raised px-4 pb-2 sm:px-6">
        <Chosen
          label={t("group.chosen", { count: chosen.length })}
          people={chosen}
          removeLabel={(name) => t("group.unchoose", { name })}
          onRemove={toggle}
        />
        <SearchField
          // The window is there for searching.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus={mayTakeFocus()}
          label={t("group.addSearch")}
          placeholder={t("group.addPlaceholder")}
          clearLabel={t("group.clear")}
          value={query}
          onChange={setQuery}
          onKeyDown={(event) => event.key === "Enter" && !event.nativeEvent.isComposing && first && choose(first)}
          start={search.searching ? <Spinner size="sm" /> : undefined}
        />
      </div>
      <div className="min-h-[50dvh] pb-3 sm:min-h-96">
        {problem && (
          <div className="mx-4 my-2 sm:mx-6">
            <Trouble>{problem}</Trouble>
          </div>
        )}
        <SearchResults
          count={people?.length}
          searching={search.searching}
          problem={search.problem}
          onRetry={search.retry}
          asked={asked}
          words={{
            heading,
            searching: t("group.searching"),
            found: t("people.found", { count }),
            retry: t("common.retry"),
            noSuggestions: t("group.knownEmpty"),
            nothing: t("group.nobody", { query: query.trim() }),
            nothingText: t("group.nobodyText"),
          }}
        >
          <PickList label={heading} people={people ?? []} chosen={ids} onToggle={choose} />
        </SearchResults>
      </div>
    </Dialog>
  );
}

import { useEffect, useRef, useState } from "react";

import { MAX_GROUP, MAX_GROUP_NAME, overlong } from "@/core/limits.ts";
import { useAction } from "@/hooks/action.ts";
import { useChosen } from "@/hooks/chosen.ts";
import { usePeopleSearch } from "@/hooks/people-search.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Button } from "@/ui/button.tsx";
import { Pane } from "@/ui/pane.tsx";
import { Chosen, pickable, PickList, type Pickable } from "@/ui/person-picker.tsx";
import { SearchField } from "@/ui/search-field.tsx";
import { Spinner } from "@/ui/spinner.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { Found } from "./found.tsx";
import { GroupLook, type Look } from "./group-look.tsx";
import { GroupName } from "./group-name.tsx";

export interface NewGroupProps {
  /** The group is there. */
  onOpen: (chatId: string) => void;
  onBack: () => void;
}

/** A name and the people: a new group. */
export function NewGroup({ onOpen, onBack }: NewGroupProps) {
  const t = useT();
  const services = useServices();
  const [name, setName] = useState("");
  const [look, setLook] = useState<Look | null>(null);
  const [query, setQuery] = useState("");
  const [tried, setTried] = useState(false);
  const nameField = useRef<HTMLInputElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const search = usePeopleSearch(query);
  const { chosen, ids, toggle } = useChosen<Pickable>();
  const { busy, problem, run } = useAction();
  const sealed = useLive(services.keys.state).state === "ready";
  useEffect(() => () => void (look && URL.revokeObjectURL(look.url)), [look]);

  const tooLong = overlong(name, MAX_GROUP_NAME);
  const nameError = tooLong > 0 ? t("people.longName", { count: tooLong }) : tried && !name.trim() ? t("people.needName") : null;
  const peopleError =
    chosen.length + 1 > MAX_GROUP ? t("people.tooMany") : tried && chosen.length === 0 ? t("people.needPeople") : null;

  const summary = chosen.length > 0 ? t("people.chosen", { count: chosen.length }) : t("people.nobodyChosen");

  // What Enter in the search field chooses.
  const first = query.trim() ? search.people?.map(pickable).find((person) => !ids.has(person.id)) : undefined;
  const choose = (person: Pickable): void => {
    toggle(person);
    // The next one is another person: the field is ready for another name.
    setQuery("");
  };
  const create = async (): Promise<void> => {
    setTried(true);
    if (!name.trim() || tooLong > 0) return nameField.current?.focus();
    if (chosen.length === 0 || chosen.length + 1 > MAX_GROUP) return;
    await run(async () => onOpen(await services.chats.createGroup(name, chosen.map((person) => person.id), look?.picture)));
  };

  // A group that the server can read has no picture.
  const shown = sealed ? (
    <GroupLook name={name} look={look} onChange={setLook} />
  ) : (
    <span className="mt-4">
      <Avatar id="" name={name} kind="group" size="lg" />
    </span>
  );
  return (
    <Pane
      title={t("people.newGroup")}
      backLabel={t("people.back")}
      onBack={onBack}
      footer={
        <>
          <p className="min-w-0 flex-1 text-sm text-ink-soft" aria-live="polite">
            {peopleError ? <span className="text-danger">{peopleError}</span> : summary}
          </p>
          <Button busy={busy} onClick={() => void create()}>
            {t("people.create")}
          </Button>
        </>
      }
    >
      <GroupName
        ref={nameField}
        name={name}
        look={shown}
        error={nameError}
        onChange={setName}
        onEnter={() => searchField.current?.focus()}
      />
      <div className="sticky top-0 z-10 flex flex-col gap-2 bg-surface px-4 pt-4 pb-2 sm:px-6">
        <h2 className="text-sm font-semibold">{t("people.members")}</h2>
        <Chosen
          label={t("people.chosen", { count: chosen.length })}
          people={chosen}
          removeLabel={(who) => t("people.unchoose", { name: who })}
          onRemove={toggle}
        />
        <SearchField
          ref={searchField}
          label={t("people.search")}
          placeholder={t("people.placeholder")}
          clearLabel={t("people.clear")}
          value={query}
          onChange={setQuery}
          onKeyDown={(event) => event.key === "Enter" && !event.nativeEvent.isComposing && first && choose(first)}
          start={search.searching ? <Spinner size="sm" /> : undefined}
        />
      </div>
      {problem && (
        <div className="mx-4 my-2 sm:mx-6">
          <Trouble>{problem}</Trouble>
        </div>
      )}
      <Found query={query} search={search}>
        {(people, label) => (
          <PickList label={label} people={people.map(pickable)} chosen={ids} onToggle={choose} />
        )}
      </Found>
    </Pane>
  );
}

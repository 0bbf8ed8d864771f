import type { MessageItem, SystemEvent } from "@/core/services.ts";
import { useNames } from "@/hooks/people.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { useFormat } from "@/i18n/format.ts";

const ROLES: Record<string, Key> = {
  admin: "conversation.roleAdmin",
  member: "conversation.roleMember",
  owner: "conversation.roleOwner",
};

const KEYS: Record<Extract<SystemEvent, { what: "keys" }>["news"], Key> = {
  first: "trust.lineFirst",
  device: "trust.lineDevice",
  changed: "trust.lineChanged",
};

function keyOf(event: SystemEvent): Key {
  switch (event.what) {
    case "added":
      return "conversation.added";
    case "removed":
      return "conversation.removed";
    case "left":
      return event.ownerId ? "conversation.leftOwner" : "conversation.left";
    case "role":
      return ROLES[event.role] ?? "conversation.changed";
    case "renamed":
      return "conversation.renamed";
    case "timer":
      return event.lasts > 0 ? "conversation.timerSet" : "conversation.timerOff";
    case "keys":
      return KEYS[event.news];
    default:
      return "conversation.changed";
  }
}

/** The sentence for a change of the group: "Asha added Ravi and you". */
export function useSystemSentence(message: MessageItem, myId: string): string {
  const t = useT();
  const format = useFormat();
  const event: SystemEvent = message.body.t === "system" ? message.body.event : { what: "other" };
  const people = "userIds" in event ? event.userIds : [];
  const owner = event.what === "left" ? event.ownerId : null;
  const names = useNames([message.senderId, ...people, ...(owner ? [owner] : [])]);
  const called = (id: string): string =>
    id === myId ? t("conversation.youObject") : (names.get(id) ?? t("conversation.someone"));
  return t(keyOf(event), {
    actor: message.senderId === myId ? t("common.you") : called(message.senderId),
    people: format.list(people.map(called)),
    owner: owner ? called(owner) : "",
    name: event.what === "renamed" ? event.name : "",
    time: event.what === "timer" ? format.duration(event.lasts) : "",
  });
}

/** A change of the group among the messages. */
export function SystemLine({ message, myId }: { message: MessageItem; myId: string }) {
  const sentence = useSystemSentence(message, myId);
  return (
    <p className="mx-auto my-1.5 w-fit max-w-[85%] rounded-xl bg-surface px-3.5 py-1 text-center text-xs text-ink-soft text-pretty">
      {sentence}
    </p>
  );
}

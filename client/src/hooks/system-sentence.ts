// What happened in a group, in words.

import type { MessageItem, SystemEvent } from "@/core/services.ts";
import type { Format } from "@/i18n/format.ts";
import type { Key, Translate } from "@/i18n/index.ts";

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
    case "picture":
      return event.image === "" ? "conversation.unpictured" : "conversation.pictured";
    case "timer":
      return event.lasts > 0 ? "conversation.timerSet" : "conversation.timerOff";
    case "keys":
      return KEYS[event.news];
    default:
      return "conversation.changed";
  }
}

export const eventOf = ({ body }: MessageItem): SystemEvent => (body.t === "system" ? body.event : { what: "other" });

/** Everybody who is named in the sentence. */
export function peopleOf(message: MessageItem): string[] {
  const event = eventOf(message);
  const people = "userIds" in event ? event.userIds : [];
  return [message.senderId, ...people, ...(event.what === "left" && event.ownerId !== null ? [event.ownerId] : [])];
}

/** The sentence for a change of the group: "Asha added Ravi and you". `names`: by user id. */
export function systemSentence(
  message: MessageItem,
  myId: string,
  names: ReadonlyMap<string, string>,
  { t, format }: { t: Translate; format: Format },
): string {
  const event = eventOf(message);
  const owner = event.what === "left" ? event.ownerId : null;
  const called = (id: string): string => (id === myId ? t("conversation.youObject") : (names.get(id) ?? t("conversation.someone")));
  return t(keyOf(event), {
    actor: message.senderId === myId ? t("common.you") : called(message.senderId),
    people: format.list(("userIds" in event ? event.userIds : []).map(called)),
    owner: owner ? called(owner) : "",
    name: event.what === "renamed" ? event.name : "",
    time: event.what === "timer" ? format.duration(event.lasts) : "",
  });
}

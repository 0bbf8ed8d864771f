// What can be done with a member: how it is called, what is asked first, what is said when it is done.

import { Crown, ShieldCheck, ShieldOff, UserRoundMinus, type LucideIcon } from "lucide-react";

import type { Key } from "@/i18n/index.ts";

import type { MemberAction } from "./rights.ts";

export const WAYS: Record<MemberAction, { icon: LucideIcon; label: Key; done: Key; danger?: boolean }> = {
  makeAdmin: { icon: ShieldCheck, label: "group.makeAdmin", done: "group.adminDone" },
  makeMember: { icon: ShieldOff, label: "group.makeMember", done: "group.memberDone" },
  makeOwner: { icon: Crown, label: "group.makeOwner", done: "group.ownerDone" },
  remove: { icon: UserRoundMinus, label: "group.remove", done: "group.removed", danger: true },
};

/** Asked first, because it is hard to take back. */
export const QUESTIONS: Partial<Record<MemberAction, { title: Key; text: Key }>> = {
  makeOwner: { title: "group.makeOwnerTitle", text: "group.makeOwnerText" },
  remove: { title: "group.removeTitle", text: "group.removeText" },
};

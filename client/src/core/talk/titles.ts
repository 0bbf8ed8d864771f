// What is said about encrypted chats themselves: what a group is called, how it looks, and how long messages last. The
// server does not know: these are messages, in groups of an owner or admin. Whoever lets somebody in says them again for them, because
// newcomers cannot open what was said before. Pure.

import type { Body, MessageRow, Role } from "../db/schema.ts";
import { isSetting, type Setting } from "./bodies.ts";

/** A row that names or pictures the chat or sets its timer, or that says who may. */
export type Naming = Pick<MessageRow, "key" | "chatId" | "order" | "senderId" | "failure"> & { body: Body };

/** Whose view it is: oneself, and which roles members have now. */
export interface View {
  me: string;
  roleOf: (userId: string) => Role | undefined;
  /** The two of a direct chat, who have no roles. */
  everybody?: boolean;
}

/**
 * The names, pictures and timers among these rows of one chat that were given by somebody who might, in their order: by the role
 * that they had at that place of the log, as everybody sees it there, whatever became of them since.
 */
export function givenIn(rows: readonly Naming[], { roleOf, everybody = false }: View): Naming[] {
  const sorted = standing(rows);
  return sorted.filter((row) => isSetting(row.body) && !row.body.again && (everybody || mayGive(sorted, row, roleOf)));
}

/**
 * The setting of that kind that holds. What was said before one came in for the last time is old; of what was said since,
 * the newest that holds, else what was said again: the newest of one's own devices or somebody who may give it, else the
 * first, which comes from the device that let this person in.
 */
function holding(rows: readonly Naming[], view: View, kind: Setting["t"]): Body | undefined {
  const sorted = standing(rows);
  const came = sorted.findLast(({ body }) => isAbout(body, "added", view.me))?.order ?? -Infinity;
  const given = givenIn(rows, view).filter(({ body }) => body.t === kind);
  const again = sorted.filter(({ body }) => isSetting(body) && body.t === kind && body.again === true);
  const isSince = (row: Naming): boolean => row.order > came;
  const isSure = (row: Naming): boolean =>
    isSince(row) && (row.senderId === view.me || view.everybody === true || mayGive(sorted, row, view.roleOf));
  return (given.findLast(isSince) ?? again.findLast(isSure) ?? again.find(isSince) ?? given.at(-1) ?? again[0])?.body;
}

/** What the chat is called; null: nobody has named it. */
export function titleOf(rows: readonly Naming[], view: View): string | null {
  const body = holding(rows, view, "name");
  return body?.t === "name" ? body.name : null;
}

/** How the group looks, as of bodies; null: nobody has given it a picture. */
export function pictureOf(rows: readonly Naming[], view: View): string | null {
  const body = holding(rows, view, "picture");
  return body?.t === "picture" ? body.image : null;
}

/** How many seconds messages last, 0 for good; null: nobody has said. */
export function timerOf(rows: readonly Naming[], view: View): number | null {
  const body = holding(rows, view, "timer");
  return body?.t === "timer" ? body.lasts : null;
}

const standing = (rows: readonly Naming[]): Naming[] =>
  rows.filter((row) => row.failure === null).toSorted((one, other) => one.order - other.order || (one.key < other.key ? -1 : 1));

function mayGive(sorted: readonly Naming[], { senderId, order }: Naming, roleOf: View["roleOf"]): boolean {
  const before = sorted.findLast((row) => row.order < order && tellsOf(row, senderId));
  if (before) return may(roleAfter(before, senderId));
  const after = sorted.find((row) => row.order > order && tellsOf(row, senderId));
  return after ? wasMay(after, senderId) : may(roleOf(senderId));
}

const may = (role: Role | undefined): boolean => role === "owner" || role === "admin";

const isAbout = (body: Body, what: "added" | "role", userId: string): boolean =>
  body.t === "system" && body.event.what === what && body.event.userIds.includes(userId);

/** Whether the change of the group says something of this person's role. */
function tellsOf({ body, senderId }: Naming, userId: string): boolean {
  if (body.t !== "system") return false;
  const { event } = body;
  if (event.what === "left") return event.ownerId !== null && (event.ownerId === userId || senderId === userId);
  if (event.what === "role" && event.role === "owner" && senderId === userId) return true;
  return isAbout(body, "added", userId) || isAbout(body, "role", userId);
}

function roleAfter({ body, senderId }: Naming, userId: string): Role | undefined {
  if (body.t !== "system") return undefined;
  const { event } = body;
  if (event.what === "left") return event.ownerId === userId ? "owner" : undefined;
  if (event.what !== "role") return "member";
  if (event.userIds.includes(userId)) return event.role;
  // Who hands the group on stays an admin of it.
  return senderId === userId ? "admin" : undefined;
}

/** What somebody was before a change that is the first to tell of them. */
function wasMay({ body, senderId }: Naming, userId: string): boolean {
  if (body.t !== "system") return false;
  const { event } = body;
  if (event.what === "left") return senderId === userId;
  if (event.what !== "role") return false;
  return senderId === userId ? event.role === "owner" : event.role === "member";
}

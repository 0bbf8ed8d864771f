// What encrypted groups are called. The server does not know: a name is a message of an admin, and whoever lets somebody in
// says it again for them, because newcomers cannot open what was said before. Pure.

import type { Body, MessageRow, Role } from "../db/schema.ts";

export type Naming = Pick<MessageRow, "key" | "chatId" | "order" | "senderId" | "failure"> & { body: Body };

/**
 * The name that holds among these rows of one chat. The newest that somebody who may name the group gave it; if there is
 * none here, as for a newcomer, the newest that was said again, by whoever let them in. Null: nobody has named it here.
 */
export function titleOf(rows: readonly Naming[], roleOf: (userId: string) => Role | undefined): string | null {
  const names = rows.filter((row) => row.failure === null && row.body.t === "name").toSorted(byOrder);
  const may = (row: Naming): boolean => (roleOf(row.senderId) ?? "member") !== "member";
  const given = names.findLast((row) => !isAgain(row) && may(row));
  const body = (given ?? names.findLast(isAgain) ?? names.at(-1))?.body;
  return body?.t === "name" ? body.name : null;
}

const isAgain = ({ body }: Naming): boolean => body.t === "name" && body.again === true;

const byOrder = (one: Naming, other: Naming): number => one.order - other.order || (one.key < other.key ? -1 : 1);

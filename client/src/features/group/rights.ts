// What one member may do to another; the server decides, this only keeps impossible buttons off the screen.

import type { Role } from "@/core/services.ts";

export type MemberAction = "makeAdmin" | "makeMember" | "makeOwner" | "remove";

/** What somebody with the role `mine` may do to another member with the role `theirs`. */
export function actionsOn(mine: Role, theirs: Role): MemberAction[] {
  if (mine === "owner") return [theirs === "admin" ? "makeMember" : "makeAdmin", "makeOwner", "remove"];
  return mine === "admin" && theirs === "member" ? ["remove"] : [];
}

/** Whether members may be added and the name changed. */
export const mayManage = (mine: Role): boolean => mine !== "member";

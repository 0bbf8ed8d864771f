import { useState } from "react";

import type { ChatDetail, MemberItem } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useServices } from "@/hooks/services.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { toast } from "@/ui/toast-store.ts";

import type { MemberAction } from "./rights.ts";

const DONE: Record<MemberAction, Key> = {
  makeAdmin: "group.adminDone",
  makeMember: "group.memberDone",
  makeOwner: "group.ownerDone",
  remove: "group.removed",
};

export interface MemberActions {
  /** What is being done. */
  busy: MemberAction | "message" | null;
  problem: string | null;
  clear: () => void;
  /** Finds or makes the direct chat with the member, then opens it. */
  message: (open: (chatId: string) => void) => Promise<void>;
  /** Does it and says so; resolves to whether it went well. */
  act: (action: MemberAction) => Promise<boolean>;
}

/** What one may do with a member of a group. */
export function useMemberActions(chat: ChatDetail, member: MemberItem, name: string): MemberActions {
  const t = useT();
  const { chats } = useServices();
  const { problem, run, clear } = useAction();
  const [busy, setBusy] = useState<MemberActions["busy"]>(null);

  const work = (action: MemberAction): Promise<void> => {
    switch (action) {
      case "makeAdmin":
        return chats.setRole(chat.id, member.userId, "admin");
      case "makeMember":
        return chats.setRole(chat.id, member.userId, "member");
      case "makeOwner":
        return chats.setRole(chat.id, member.userId, "owner");
      case "remove":
        return chats.removeMember(chat.id, member.userId);
    }
  };

  const act = async (action: MemberAction): Promise<boolean> => {
    if (busy) return false;
    setBusy(action);
    const done = await run(() => work(action));
    setBusy(null);
    if (done) toast(t(DONE[action], { name }), "good");
    return done;
  };

  const message = async (open: (chatId: string) => void): Promise<void> => {
    if (busy) return;
    setBusy("message");
    await run(async () => open(await chats.createDirect(member.userId)));
    setBusy(null);
  };

  return { busy, problem, clear, message, act };
}

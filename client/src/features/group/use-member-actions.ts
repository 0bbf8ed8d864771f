import { useState } from "react";

import type { ChatService, MemberItem } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { toast } from "@/ui/toast-store.ts";

import { QUESTIONS, WAYS } from "./member-ways.ts";
import type { MemberAction } from "./rights.ts";

/** Something that waits for a yes. */
export interface Question {
  member: MemberItem;
  action: MemberAction;
}

export interface MemberActions {
  question: Question | null;
  busy: boolean;
  /** Why what was asked for did not work; the question stays. */
  problem: string | null;
  /** Does it, or asks first. */
  begin: (member: MemberItem, action: MemberAction) => void;
  confirm: () => void;
  cancel: () => void;
}

/** Changes what members are in a group, and tells how it went. */
export function useMemberActions(chatId: string): MemberActions {
  const t = useT();
  const say = useProblem();
  const { chats } = useServices();
  const { busy, problem, run, clear } = useAction();
  const [question, setQuestion] = useState<Question | null>(null);
  const told = ({ member, action }: Question): void =>
    toast(t(WAYS[action].done, { name: member.profile?.displayName ?? t("group.someone") }), "good");

  const atOnce = async (wish: Question): Promise<void> => {
    try {
      await perform(chats, chatId, wish);
      told(wish);
    } catch (error) {
      toast(say(error), "danger");
    }
  };
  const asked = async (wish: Question): Promise<void> => {
    if (!(await run(() => perform(chats, chatId, wish)))) return;
    setQuestion(null);
    told(wish);
  };

  return {
    question,
    busy,
    problem,
    begin: (member, action) => {
      clear();
      if (QUESTIONS[action]) setQuestion({ member, action });
      else void atOnce({ member, action });
    },
    confirm: () => question && void asked(question),
    cancel: () => setQuestion(null),
  };
}

function perform(chats: ChatService, chatId: string, { member: { userId }, action }: Question): Promise<void> {
  switch (action) {
    case "makeAdmin":
      return chats.setRole(chatId, userId, "admin");
    case "makeMember":
      return chats.setRole(chatId, userId, "member");
    case "makeOwner":
      return chats.setRole(chatId, userId, "owner");
    case "remove":
      return chats.removeMember(chatId, userId);
  }
}

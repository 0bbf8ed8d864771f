// What messages ask for: an answer, a change, a window, another place in the conversation.

import { useCallback, useMemo, useRef, useState, type ReactNode } from "react";

import type { ChatDetail, MessageItem } from "@/core/services.ts";
import { useBlocked } from "@/hooks/blocks.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { toast } from "@/ui/toast-store.ts";

import type { Asks } from "./asks.ts";
import type { Asked, Dialogs as DialogsType } from "./dialogs.tsx";
import { overOf } from "./over.ts";

/** What the composer is for right now. */
export type Writing = { for: "edit" | "reply"; message: MessageItem } | null;

export interface Target {
  key: string;
  /** Counts up: the same message may be asked for again. */
  turn: number;
}

interface UseAsks {
  asks: Asks;
  writing: Writing;
  stopWriting: () => void;
  /** The message to go to. */
  target: Target | null;
  /** Opens the window in which a poll is made. */
  askPeople: (onSent: () => void) => void;
  /** The window that is open. */
  dialog: ReactNode;
}

/** What is done outside of this. */
interface Elsewhere {
  goTo: (order: number) => void;
  select: Asks["select"];
  report: Asks["report"];
}

export function useAsks(chat: ChatDetail, myId: string, { goTo, select, report }: Elsewhere): UseAsks {
  const t = useT();
  const { messages } = useServices();
  const [writing, setWriting] = useState<Writing>(null);
  const [target, setTarget] = useState<Target | null>(null);
  const [open, setOpen] = useState<{ asked: Asked; Dialogs: typeof DialogsType } | null>(null);
  const turns = useRef(0);

  const ask = useCallback(
    async (asked: Asked): Promise<void> => {
      try {
        const { Dialogs } = await import("./dialogs.tsx");
        setOpen({ asked, Dialogs });
      } catch {
        toast(t("problems.offline"), "danger");
      }
    },
    [t],
  );
  const jump = useCallback(
    async (key: string): Promise<void> => {
      try {
        const order = await messages.locate(key);
        if (order === null) return toast(t("conversation.quoteGone"), "danger");
        turns.current += 1;
        goTo(order);
        setTarget({ key, turn: turns.current });
      } catch {
        toast(t("conversation.olderFailed"), "danger");
      }
    },
    [goTo, messages, t],
  );

  const blocked = useBlocked();
  const writes = chat.membership === "member" && overOf(chat) === null && !blocked.has(chat.partnerId ?? "");
  const group = chat.type === "group";
  const moderates = writes && group && chat.myRole !== "member";
  const asks = useMemo<Asks>(
    () => ({
      myId,
      writes,
      moderates,
      edit: (message) => setWriting({ for: "edit", message }),
      reply: (message) => setWriting({ for: "reply", message }),
      forward: (message) => void ask({ what: "forward", message }),
      react: (message) => void ask({ what: "react", message }),
      remove: (message) => void ask({ what: "remove", message }),
      select: (message) => {
        setWriting(null);
        select(message);
      },
      voters: (message) => void ask({ what: "voters", message }),
      end: (message) => void ask({ what: "end", message }),
      report,
      hushes: (userId) => group && blocked.has(userId),
      jump: (key) => void jump(key),
      day: (at) => void ask({ what: "day", at }),
    }),
    [ask, blocked, group, jump, moderates, myId, report, select, writes],
  );
  const Dialogs = open?.Dialogs;
  return {
    asks,
    writing,
    stopWriting: () => setWriting(null),
    target,
    askPeople: (onSent) => void ask({ what: "poll", onSent }),
    dialog: open && Dialogs ? <Dialogs asked={open.asked} chat={chat} asks={asks} onClose={() => setOpen(null)} /> : null,
  };
}

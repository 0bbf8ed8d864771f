import { useRef, useState } from "react";

import type { MessageItem } from "@/core/services.ts";
import { chatName } from "@/hooks/chat-name.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useQuery, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { CheckField } from "@/ui/check-field.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { SearchField } from "@/ui/search-field.tsx";
import { toast } from "@/ui/toast-store.ts";
import { Trouble } from "@/ui/trouble.tsx";

/** At once: whoever tells everybody everything can do so one by one. */
const MAX_FORWARD = 5;

export interface ForwardDialogProps {
  /** In the order in which they are said again. */
  messages: readonly MessageItem[];
  myId: string;
  onClose: () => void;
  /** They are on their way. */
  onDone: () => void;
}

/** Chooses the chats in which messages are said again. */
export function ForwardDialog({ messages, myId, onClose, onDone }: ForwardDialogProps) {
  const t = useT();
  const say = useProblem();
  const services = useServices();
  const chats = useQuery((each) => each.chats.list(), []) ?? [];
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  /** Into which chats which messages went before something went wrong: not once more. */
  const said = useRef(new Set<string>());
  const called = (chat: (typeof chats)[number]): string => chatName(chat, myId, t);
  const open = chats.filter((chat) => chat.membership === "member" && !chat.readOnly && !chat.frozen);
  const found = open.filter((chat) => called(chat).toLocaleLowerCase().includes(query.trim().toLocaleLowerCase()));
  const full = chosen.length >= MAX_FORWARD;

  async function submit(): Promise<void> {
    setBusy(true);
    try {
      for (const { key } of messages) {
        for (const chatId of chosen) {
          const what = `${key} ${chatId}`;
          if (said.current.has(what)) continue;
          await services.messages.forward(key, [chatId]);
          said.current.add(what);
        }
      }
      toast(t("conversation.forwardedTo", { count: chosen.length }), "good");
      onDone();
    } catch (error) {
      setProblem(say(error));
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={t("conversation.forwardTitle")}
      closeLabel={t("common.close")}
      footer={
        <Button busy={busy} disabled={chosen.length === 0} onClick={() => void submit()}>
          {t("conversation.forward")}
        </Button>
      }
    >
      <div className="flex flex-col gap-3 px-6 pb-4">
        {problem && <Trouble>{problem}</Trouble>}
        <SearchField label={t("conversation.forwardSearch")} value={query} onChange={setQuery} clearLabel={t("conversation.clear")} />
        <fieldset className="flex flex-col">
          <legend className="sr-only">{t("conversation.forwardTitle")}</legend>
          {found.map((chat) => (
            <CheckField
              key={chat.id}
              label={called(chat)}
              checked={chosen.includes(chat.id)}
              onChange={(on) =>
                setChosen((now) => (on ? (full ? now : [...now, chat.id]) : now.filter((id) => id !== chat.id)))
              }
            />
          ))}
        </fieldset>
        {found.length === 0 && <p className="text-ink-soft">{t("conversation.forwardNone")}</p>}
      </div>
    </Dialog>
  );
}

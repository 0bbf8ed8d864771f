import { History, MoveRight, ShieldAlert, type LucideIcon } from "lucide-react";

import type { ChatDetail } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useServices } from "@/hooks/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";

import { overOf } from "./over.ts";

export interface BeforeProps {
  chat: ChatDetail;
  /** To the chat that takes this one's place. */
  onOpen: (chatId: string) => void;
}

interface Words {
  icon: LucideIcon;
  title: Key;
  direct: Key;
  group: Key;
  button: Key;
}

const WORDS: Record<"gone on" | "frozen" | "before", Words> = {
  before: {
    icon: History,
    title: "conversation.before",
    direct: "conversation.beforeText",
    group: "conversation.beforeGroup",
    button: "conversation.goOn",
  },
  frozen: {
    icon: ShieldAlert,
    title: "conversation.frozen",
    direct: "conversation.frozenText",
    group: "conversation.frozenGroup",
    button: "conversation.frozenGoOn",
  },
  "gone on": {
    icon: MoveRight,
    title: "conversation.goneOn",
    direct: "conversation.goneOnText",
    group: "conversation.goneOnText",
    button: "conversation.goneOnOpen",
  },
};

/** Admins who are named. */
const MENTIONED = 3;

/** In the place of the composer: nothing is said in this chat any more, and another one takes its place. */
export function Before({ chat, onOpen }: BeforeProps) {
  const t = useT();
  const format = useFormat();
  const services = useServices();
  const { busy, problem, run } = useAction();
  const why = overOf(chat) ?? "before";
  const { icon: Icon, title, direct, group, button } = WORDS[why];
  const goOn = (): void => {
    if (chat.goesOn !== null) onOpen(chat.goesOn);
    else void run(async () => onOpen(await services.chats.continueSealed(chat.id)));
  };
  const admins = chat.members.flatMap(({ role, profile }) => (role === "member" ? [] : [profile?.displayName ?? t("conversation.someone")]));
  const waits = why === "frozen" && chat.type === "group" && chat.myRole === "member";
  return (
    <section
      aria-labelledby="before-title"
      className="pad-safe-bottom flex flex-col items-center gap-3 border-t border-line bg-surface px-4 pt-4 text-center"
    >
      <div className="max-w-prose">
        <h2 id="before-title" className="flex items-center justify-center gap-2 text-base font-semibold">
          <Icon aria-hidden="true" className="size-4.5 shrink-0 text-ink-soft" />
          {t(title)}
        </h2>
        <p className="mt-1 text-sm text-pretty text-ink-soft">{t(chat.type === "group" ? group : direct)}</p>
        {waits && (
          <p className="mt-2 text-sm font-medium text-pretty">
            {t("conversation.frozenWait", { people: format.list(admins.slice(0, MENTIONED)) })}
          </p>
        )}
      </div>
      {!waits && (
        <Button busy={busy} onClick={goOn}>
          {t(button)}
        </Button>
      )}
      <p role="status" className="min-h-5 text-sm text-danger">
        {problem}
      </p>
    </section>
  );
}

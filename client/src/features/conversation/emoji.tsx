import type { MessageItem } from "@/core/services.ts";
import { useT } from "@/i18n/index.ts";
import { Dialog } from "@/ui/dialog.tsx";

import { EMOJI } from "./complete/emoji-data.ts";
import { useMessageActions } from "./use-message-actions.ts";

/** Any of many emoji for a message. */
export function EmojiDialog({ message, myId, onClose }: { message: MessageItem; myId: string; onClose: () => void }) {
  const t = useT();
  const act = useMessageActions(message);
  const mine = new Set(message.reactions.filter((each) => each.userIds.includes(myId)).map((each) => each.emoji));
  return (
    <Dialog open onClose={onClose} title={t("conversation.reactTitle")} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-4 px-5 pb-5">
        {EMOJI.map(([title, all]) => (
          <section key={title} aria-label={t(title)}>
            <h3 className="mb-1 px-1 text-xs font-semibold text-ink-soft">{t(title)}</h3>
            <div className="grid grid-cols-[repeat(auto-fill,minmax(2.75rem,1fr))]">
              {all.map(({ emoji: each }) => (
                <button
                  key={each}
                  type="button"
                  aria-pressed={mine.has(each)}
                  aria-label={t(mine.has(each) ? "conversation.unreactWith" : "conversation.reactWith", { emoji: each })}
                  onClick={() => {
                    act.react(each, !mine.has(each));
                    onClose();
                  }}
                  className="flex size-11 items-center justify-center rounded-md text-2xl hover:bg-hover aria-pressed:bg-brand-soft"
                >
                  {each}
                </button>
              ))}
            </div>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

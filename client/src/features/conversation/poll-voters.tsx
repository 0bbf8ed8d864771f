import type { MessageItem } from "@/core/services.ts";
import { useNames } from "@/hooks/people.ts";
import { useQuery } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Dialog } from "@/ui/dialog.tsx";

/** Who chose what, as it is while one looks. */
export function Voters({ message, myId, onClose }: { message: MessageItem; myId: string; onClose: () => void }) {
  const t = useT();
  const { chatId, key, order } = message;
  const window = useQuery((each) => each.messages.window(chatId, { at: "anchor", order, before: 0, after: 1 }), [chatId, order]);
  const { body, tally } = window?.items.find((item) => item.key === key) ?? message;
  const names = useNames(tally?.votes.flat() ?? []);
  const called = (userId: string): string => (userId === myId ? t("common.you") : (names.get(userId) ?? t("conversation.someone")));
  return (
    <Dialog open onClose={onClose} title={t("polls.who")} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-5 px-6 pb-6">
        {body.t === "poll" &&
          body.options.map((option, place) => {
            const voters = tally?.votes[place] ?? [];
            return (
              // The answers of a poll never change places.
              // oxlint-disable-next-line react/no-array-index-key
              <section key={place} className="flex flex-col gap-2">
                <h3 className="flex items-baseline justify-between gap-3 font-semibold">
                  <span className="min-w-0 wrap-anywhere">{option}</span>
                  <span className="shrink-0 text-sm font-normal text-ink-soft">{t("polls.votes", { count: voters.length })}</span>
                </h3>
                {voters.length > 0 && (
                  <ul className="flex flex-col gap-2">
                    {voters.map((userId) => (
                      <li key={userId} className="flex items-center gap-2.5">
                        <Avatar id={userId} name={called(userId)} size="xs" />
                        <span className="min-w-0 truncate">{called(userId)}</span>
                      </li>
                    ))}
                  </ul>
                )}
              </section>
            );
          })}
      </div>
    </Dialog>
  );
}

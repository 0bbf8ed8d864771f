import { useState } from "react";

import type { ChatDetail, MessageItem } from "@/core/services.ts";
import { shortened } from "@/core/talk/marks.ts";
import { saidIn } from "@/core/talk/polls.ts";
import { useNames } from "@/hooks/people.ts";
import { useT } from "@/i18n/index.ts";
import { LiveRegion } from "@/ui/live-region.tsx";

import type { Asks } from "./asks.ts";

/** A screen reader need not read a whole letter; the message itself is there to be read. */
const SPOKEN = 300;

/** Of a poll only the question: that it is one is said around it. */
const wordsOf = (body: MessageItem["body"]): string | null => (body.t === "poll" ? body.question : saidIn(body));

/** Says the newest message of somebody else once it arrives; what was there when it appeared on the screen is not read out. */
export function Announcer({ chat, newest, asks }: { chat: ChatDetail; newest: MessageItem | undefined; asks: Asks }) {
  const t = useT();
  const [since] = useState(() => newest?.order ?? 0);
  const news = newest && !newest.mine && newest.kind === "message" && newest.order > since && !asks.hushes(newest.senderId) ? newest : undefined;
  const names = useNames(news ? [news.senderId] : []);
  const name = (news && names.get(news.senderId)) ?? chat.partner?.displayName ?? t("conversation.someone");
  const said = news ? wordsOf(news.body) : null;
  const text = said === null ? "" : t(news?.body.t === "poll" ? "polls.asks" : "conversation.says", { name, text: shortened(said, SPOKEN) });
  return <LiveRegion text={text} />;
}

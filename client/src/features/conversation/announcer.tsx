import { useState } from "react";

import type { ChatDetail, MessageItem } from "@/core/services.ts";
import { plain } from "@/core/talk/marks.ts";
import { useNames } from "@/hooks/people.ts";
import { useT } from "@/i18n/index.ts";
import { LiveRegion } from "@/ui/live-region.tsx";

const wordsOf = (body: MessageItem["body"]): string | null =>
  body.t === "text" ? body.text : body.t === "poll" ? body.question : null;

/** Says the newest message of somebody else once it arrives; what was there when it appeared on the screen is not read out. */
export function Announcer({ chat, newest }: { chat: ChatDetail; newest: MessageItem | undefined }) {
  const t = useT();
  const [since] = useState(() => newest?.order ?? 0);
  const news = newest && !newest.mine && newest.kind === "message" && newest.order > since ? newest : undefined;
  const names = useNames(news ? [news.senderId] : []);
  const name = (news && names.get(news.senderId)) ?? chat.partner?.displayName ?? t("conversation.someone");
  const said = news ? wordsOf(news.body) : null;
  const text = said === null ? "" : t(news?.body.t === "poll" ? "polls.asks" : "conversation.says", { name, text: plain(said.slice(0, 300)) });
  return <LiveRegion text={text} />;
}

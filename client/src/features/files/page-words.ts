// What an exported page says by itself, in the person's language.

import type { PageWords } from "@/core/export/html.ts";
import { systemSentence } from "@/hooks/system-sentence.ts";
import type { Format } from "@/i18n/format.ts";
import type { Language, Translate } from "@/i18n/index.ts";

export interface Speech {
  t: Translate;
  format: Format;
  language: Language;
}

/** `me`: who exports. */
export function pageWords({ t, format, language }: Speech, me: { id: string; displayName: string }): PageWords {
  return {
    language,
    direction: document.dir === "rtl" ? "rtl" : "ltr",
    title: (name) => name,
    about: ({ chat, at }) => [
      t("files.pageMade", { name: me.displayName, date: format.date(at) }),
      t(chat.encrypted ? "files.pageSealed" : "files.pagePlain"),
    ],
    end: ({ counts, complete }) => [
      t("files.pageCount", { count: counts.messages }),
      ...(counts.unreadable > 0 ? [t("files.unreadable", { count: counts.unreadable })] : []),
      ...(complete ? [] : [t("files.partly")]),
    ],
    someone: t("conversation.someone"),
    // A file is read on another day: never "today".
    day: format.date,
    time: format.time,
    event: (item, known) => {
      const names = new Map([...known].map(([id, { displayName }]) => [id, displayName]));
      return systemSentence(item, me.id, names, { t, format });
    },
    instead: ({ body }) => t(body.t === "deleted" ? "conversation.deleted" : body.t === "sealed" ? "files.closed" : "files.newer"),
    edited: t("conversation.edited"),
    forwarded: t("conversation.forwarded"),
    pinned: t("conversation.pinned"),
    waiting: t("conversation.queued"),
    failed: t("conversation.failed"),
    elsewhere: t("files.elsewhere"),
    deleted: t("conversation.deleted"),
    list: format.list,
  };
}

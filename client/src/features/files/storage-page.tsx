import { useState } from "react";

import type { ChatSize } from "@/core/local/model.ts";
import type { ChatItem } from "@/core/services.ts";
import { chatName } from "@/hooks/chat-name.ts";
import { useMe } from "@/hooks/me.ts";
import { useQuery } from "@/hooks/services.ts";
import { bytes } from "@/i18n/bytes.ts";
import { useLanguage, useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { EmptyState } from "@/ui/empty-state.tsx";
import { Pane } from "@/ui/pane.tsx";
import { Progress } from "@/ui/progress.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { ClearDialog } from "./clear-dialog.tsx";
import { ExportDialog } from "./export-dialog.tsx";
import { SizeRow } from "./size-row.tsx";
import { useSizes } from "./use-sizes.ts";

export interface StoragePageProps {
  onBack: () => void;
  onChat?: (chatId: string) => void;
}

/** Which chats take the room in this browser, and what can be done about it. */
export function StoragePage({ onBack, onChat }: StoragePageProps) {
  const t = useT();
  const language = useLanguage();
  const myId = useMe()?.id ?? "";
  const chats = useQuery((each) => each.chats.list(), []);
  const { sizes, step, measured, failed, again } = useSizes();
  const [doing, setDoing] = useState<{ what: "export" | "clear"; chatId: string } | null>(null);
  const done = (): void => setDoing(null);
  const byId = new Map(chats?.map((chat) => [chat.id, chat]));
  const rows = sizes.flatMap((size): { size: ChatSize; chat: ChatItem }[] => {
    const chat = byId.get(size.chatId);
    return chat ? [{ size, chat }] : [];
  });
  const largest = Math.max(1, ...rows.map(({ size }) => size.bytes));
  const sum = rows.reduce((total, { size }) => total + size.bytes, 0);
  const chosen = doing && byId.get(doing.chatId);
  const name = chosen ? chatName(chosen, myId, t) : "";

  return (
    <Pane title={t("files.title")} backLabel={t("common.back")} onBack={onBack}>
      <div className="flex flex-col gap-4 px-4 pt-2 sm:px-6">
        <p className="text-ink-soft text-pretty">{t("files.text")}</p>
        {failed && (
          <Trouble
            action={
              <Button look="quiet" size="sm" onClick={again}>
                {t("common.retry")}
              </Button>
            }
          >
            {t("files.failed")}
          </Trouble>
        )}
        {step && (
          <div role="status" className="flex flex-col gap-2">
            <p className="text-sm text-ink-soft tabular-nums">{t("files.measuring", { done: step.done, total: step.total })}</p>
            <Progress value={step.done / Math.max(1, step.total)} label={t("files.measuringShare")} />
          </div>
        )}
        {measured && rows.length > 0 && (
          <p className="text-sm font-semibold">{t("files.sum", { count: rows.length, size: bytes(sum, language) })}</p>
        )}
      </div>
      {rows.length === 0 && !measured && !failed && <SkeletonRows rows={5} label={t("files.looking")} />}
      {rows.length === 0 && measured && <EmptyState title={t("files.none")} />}
      <ul aria-label={t("files.title")} className="mt-2 flex flex-col px-1 sm:px-3">
        {rows.map(({ size, chat }) => (
          <SizeRow
            key={chat.id}
            chat={chat}
            size={size}
            share={size.bytes / largest}
            name={chatName(chat, myId, t)}
            myId={myId}
            {...(onChat ? { onOpen: () => onChat(chat.id) } : {})}
            onExport={() => setDoing({ what: "export", chatId: chat.id })}
            onClear={() => setDoing({ what: "clear", chatId: chat.id })}
          />
        ))}
      </ul>
      {doing?.what === "export" && <ExportDialog chatId={doing.chatId} onClose={done} />}
      {doing?.what === "clear" && (
        <ClearDialog
          chatId={doing.chatId}
          name={name}
          onClose={done}
          onExport={() => setDoing({ what: "export", chatId: doing.chatId })}
          onCleared={() => {
            done();
            again();
          }}
        />
      )}
    </Pane>
  );
}

import { Siren } from "lucide-react";
import { useEffect, useId, useState, type FormEvent } from "react";

import { overlong, MAX_ATTACHED, MAX_NOTE } from "@/core/limits.ts";
import type { MessageItem, Reason } from "@/core/services.ts";
import { saidIn } from "@/core/talk/polls.ts";
import { useAction } from "@/hooks/action.ts";
import { useBlocked, type ReportProps } from "@/hooks/blocks.ts";
import { useQuery, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { CheckField } from "@/ui/check-field.tsx";
import { Choices } from "@/ui/choices.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { TextArea } from "@/ui/text-area.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { Sent } from "./sent.tsx";

const REASONS: readonly Reason[] = ["spam", "harassment", "danger", "other"];

/** Tells the people who run the server of somebody: what is wrong, and which messages they are to read. */
export function ReportDialog({ userId, chatId, messages, onClose }: ReportProps) {
  const t = useT();
  const person = useQuery((each) => each.people.profile(userId), [userId]);
  const name = person?.displayName ?? t("blocks.someone");
  const [sent, setSent] = useState<{ blocked: boolean } | null>(null);
  const id = useId();
  const [{ ready, busy }, setState] = useState({ ready: false, busy: false });
  // Always in sight, however much there is to attach.
  const footer = (
    <>
      <Button look="quiet" onClick={onClose}>
        {t("common.cancel")}
      </Button>
      <Button type="submit" form={id} busy={busy} disabled={!ready}>
        {t("blocks.send")}
      </Button>
    </>
  );
  const title = sent ? t("blocks.sentTitle") : t("blocks.reportTitle", { name });
  return (
    <Dialog open onClose={onClose} title={title} closeLabel={t("common.close")} footer={sent ? null : footer}>
      {sent ? (
        <Sent name={name} blocked={sent.blocked} onClose={onClose} />
      ) : (
        <ReportForm
          {...{ id, userId, chatId, name }}
          messages={messages.slice(0, MAX_ATTACHED)}
          onState={setState}
          onSent={(blocked) => setSent({ blocked })}
        />
      )}
    </Dialog>
  );
}

interface ReportFormProps extends Omit<ReportProps, "onClose"> {
  id: string;
  name: string;
  onState: (state: { ready: boolean; busy: boolean }) => void;
  onSent: (blocked: boolean) => void;
}

function ReportForm({ id, userId, chatId, name, messages, onState, onSent }: ReportFormProps) {
  const t = useT();
  const { blocks } = useServices();
  const chat = useQuery((each) => each.chats.detail(chatId ?? ""), [chatId]);
  const isBlocked = useBlocked().has(userId);
  const { busy, problem, run } = useAction();
  const [reason, setReason] = useState<Reason | null>(null);
  const [note, setNote] = useState("");
  const [attaches, setAttaches] = useState(true);
  const [blocksToo, setBlocksToo] = useState(false);
  const over = overlong(note, MAX_NOTE);
  const ready = reason !== null && over === 0;
  useEffect(() => onState({ ready, busy }), [busy, onState, ready]);

  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!ready) return;
    const report = { userId, chatId, reason, note, messages: attaches ? messages : [] };
    const done = await run(async () => {
      await blocks.report(report);
      if (blocksToo) await blocks.set(userId, true);
    });
    if (done) onSent(blocksToo);
  };

  return (
    <form id={id} noValidate onSubmit={(event) => void send(event)} className="flex flex-col gap-5 px-6 pt-1 pb-5">
      <div className="flex flex-col gap-2">
        <p aria-hidden="true" className="text-sm font-semibold">
          {t("blocks.reason")}
        </p>
        <Choices
          label={t("blocks.reason")}
          value={reason}
          onChange={setReason}
          options={REASONS.map((value) => ({ value, label: t(`blocks.${value}`) }))}
        />
        {reason === "danger" && (
          <Banner icon={Siren} shape="card" role="status">
            {t("blocks.dangerText")}
          </Banner>
        )}
      </div>
      <TextArea
        label={t("blocks.note")}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        error={over > 0 ? t("blocks.noteLong", { count: over }) : null}
      />
      {messages.length === 0 ? (
        <p className="text-sm text-pretty text-ink-soft">{t("blocks.attachNone")}</p>
      ) : (
        <div className="flex flex-col gap-2">
          <CheckField label={t("blocks.attach", { count: messages.length })} checked={attaches} onChange={setAttaches} />
          <Excerpts messages={messages} faint={!attaches} />
          <p className="text-sm text-pretty text-ink-soft">{t(chat?.encryption === "none" ? "blocks.attachPlain" : "blocks.attachText")}</p>
        </div>
      )}
      {!isBlocked && <CheckField label={t("blocks.alsoBlock", { name })} checked={blocksToo} onChange={setBlocksToo} />}
      {problem && <Trouble>{problem}</Trouble>}
    </form>
  );
}

/** What would be sent along, so that nobody needs to guess. */
function Excerpts({ messages, faint }: { messages: readonly MessageItem[]; faint: boolean }) {
  return (
    <ul className={`flex max-h-40 flex-col gap-1.5 overflow-y-auto transition-opacity ${faint ? "opacity-55" : ""}`}>
      {messages.map((message) => (
        <li key={message.key} className="rounded-md border-s-3 border-line-strong bg-sunken px-3 py-1.5 text-sm">
          <span className="line-clamp-3 wrap-anywhere">{saidIn(message.body) ?? "…"}</span>
        </li>
      ))}
    </ul>
  );
}

import { Timer } from "lucide-react";
import { useState, type FormEvent } from "react";

import type { ChatDetail } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useServices } from "@/hooks/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { Choices } from "@/ui/choices.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Trouble } from "@/ui/trouble.tsx";
import { WayRow } from "@/ui/way-row.tsx";

import { mayManage } from "./rights.ts";

const DAY = 86_400;
/** What can be chosen, in seconds; 0: for good. */
const CHOICES = [0, 3_600, DAY, 7 * DAY, 30 * DAY];

/** How long messages of the chat last, and the way to change it for whoever may. */
export function TimerWay({ chat }: { chat: ChatDetail }) {
  const t = useT();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  // What the server can read, it keeps: nothing disappears there.
  if (chat.encryption === "none" || chat.membership === "gone" || chat.readOnly) return null;
  const { lasts } = chat;
  const time = format.duration(lasts);
  const may = chat.type === "direct" || mayManage(chat.myRole);
  if (!may) {
    return lasts === 0 ? null : (
      <div className="mx-4 sm:mx-6">
        <Banner icon={Timer} shape="card">
          {t("group.timerTold", { time })}
        </Banner>
      </div>
    );
  }
  return (
    <div className="mx-1 sm:mx-3">
      <WayRow icon={Timer} title={t("group.timer")} text={lasts === 0 ? t("group.timerOff") : t("group.timerOn", { time })} onPress={() => setOpen(true)} />
      <Dialog open={open} onClose={() => setOpen(false)} title={t("group.timer")} closeLabel={t("common.close")}>
        <TimerForm chat={chat} onClose={() => setOpen(false)} />
      </Dialog>
    </div>
  );
}

function TimerForm({ chat, onClose }: { chat: ChatDetail; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const services = useServices();
  const [lasts, setLasts] = useState(chat.lasts);
  const { busy, problem, run } = useAction();
  // What a newer version has set can be kept.
  const choices = CHOICES.includes(chat.lasts) ? CHOICES : [...CHOICES, chat.lasts].toSorted((one, other) => one - other);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (lasts === chat.lasts || (await run(() => services.chats.setTimer(chat.id, lasts)))) onClose();
  };
  return (
    <form onSubmit={(event) => void save(event)} className="flex flex-col gap-4 px-6 pb-5">
      <p className="text-sm text-ink-soft text-pretty">{t("group.timerText")}</p>
      {problem && <Trouble>{problem}</Trouble>}
      <Choices
        label={t("group.timer")}
        value={String(lasts)}
        onChange={(value) => setLasts(Number(value))}
        options={choices.map((choice) => ({ value: String(choice), label: choice === 0 ? t("group.timerNever") : format.duration(choice) }))}
      />
      <p className="text-sm text-ink-soft text-pretty">{t("group.timerHonest")}</p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" busy={busy}>
          {t("common.save")}
        </Button>
      </div>
    </form>
  );
}

import { HardDrive } from "lucide-react";
import { useState } from "react";

import type { ChatDetail } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useQuery, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Confirm } from "@/ui/confirm.tsx";
import { Switch } from "@/ui/switch.tsx";
import { Trouble } from "@/ui/trouble.tsx";

/** Whether the person's next device will show what was said before it came. */
export function History({ chat }: { chat: ChatDetail }) {
  const t = useT();
  const services = useServices();
  const state = useQuery((each) => each.history.state(chat.id), [chat.id]);
  const { busy, problem, run, clear } = useAction();
  const [asking, setAsking] = useState(false);
  if (chat.encryption === "none" || chat.membership === "gone") return null;
  // Until it is known, what is usual: nothing below moves when the answer comes.
  const { keep, full } = state ?? { keep: true, full: false };
  const off = async (): Promise<void> => {
    if (await run(() => services.history.keep(chat.id, false))) setAsking(false);
  };
  return (
    <div className="mx-4 flex flex-col gap-3 sm:mx-6">
      <Switch
        label={t("group.history")}
        hint={t(keep ? "group.historyOn" : "group.historyOff")}
        checked={keep}
        disabled={busy || !state}
        onChange={(on) => (on ? void run(() => services.history.keep(chat.id, true)) : setAsking(true))}
      />
      {keep && full && (
        <Banner icon={HardDrive} shape="card" role="status">
          {t("group.historyFull")}
        </Banner>
      )}
      {!asking && problem && <Trouble>{problem}</Trouble>}
      <Confirm
        open={asking}
        title={t("group.historyTitle")}
        text={t("group.historyText")}
        confirmLabel={t("group.historyConfirm")}
        cancelLabel={t("common.cancel")}
        danger
        busy={busy}
        problem={problem}
        onConfirm={() => void off()}
        onCancel={() => {
          clear();
          setAsking(false);
        }}
      />
    </div>
  );
}

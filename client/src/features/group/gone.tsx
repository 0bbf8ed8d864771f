import { DoorOpen } from "lucide-react";
import { useState } from "react";

import { useAction } from "@/hooks/action.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { Confirm } from "@/ui/confirm.tsx";

/** Of a chat that one is not in any more: what is left of it, and how to be rid of that. */
export function Gone({ chatId, name, onLeft }: { chatId: string; name: string; onLeft: () => void }) {
  const t = useT();
  const services = useServices();
  const [asking, setAsking] = useState(false);
  const { busy, problem, run } = useAction();
  const forget = async (): Promise<void> => {
    if (await run(() => services.chats.forget(chatId))) onLeft();
  };
  return (
    <div className="mx-4 flex flex-col items-start gap-3 sm:mx-6">
      <Banner icon={DoorOpen} tone="quiet" shape="card">
        {t("group.gone")}
      </Banner>
      <Button look="quiet-danger" onClick={() => setAsking(true)}>
        {t("group.forget")}
      </Button>
      <Confirm
        open={asking}
        title={t("group.forgetTitle", { name })}
        text={t("group.forgetText")}
        confirmLabel={t("group.forgetConfirm")}
        cancelLabel={t("common.cancel")}
        danger
        busy={busy}
        problem={problem}
        onConfirm={() => void forget()}
        onCancel={() => setAsking(false)}
      />
    </div>
  );
}

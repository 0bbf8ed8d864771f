import { useState } from "react";

import { useAction } from "@/hooks/action.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { CheckField } from "@/ui/check-field.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { useDesk } from "./use-desk.ts";

/** A new key in the place of the lost one: what is gone with it, said before. */
export function StartOver({ resetAt, onDone }: { resetAt: number | null; onDone: () => void }) {
  const t = useT();
  const format = useFormat();
  const desk = useDesk();
  const { busy, problem, run } = useAction();
  const [known, setKnown] = useState(false);

  const begin = async (): Promise<void> => {
    if (await run(() => desk((it) => it.startOver()))) onDone();
  };

  if (resetAt !== null) {
    return <p className="text-ink text-pretty">{t("keys.overWaits", { day: format.day(resetAt), time: format.time(resetAt) })}</p>;
  }
  return (
    <div className="flex max-w-lg flex-col gap-5">
      <p className="text-ink text-pretty">{t("keys.overText")}</p>
      <ul className="flex list-disc flex-col gap-1.5 ps-5 text-ink-soft marker:text-ink-soft">
        <li>{t("keys.overLost")}</li>
        <li>{t("keys.overDevices")}</li>
        <li>{t("keys.overOthers")}</li>
        <li>{t("keys.overWait")}</li>
      </ul>
      <CheckField label={t("keys.overKnown")} checked={known} onChange={setKnown} />
      {problem && <Trouble>{problem}</Trouble>}
      <div>
        <Button look="danger" disabled={!known} busy={busy} onClick={() => void begin()}>
          {t("keys.startOver")}
        </Button>
      </div>
    </div>
  );
}

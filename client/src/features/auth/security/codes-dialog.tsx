import { Download, Printer } from "lucide-react";
import { useState } from "react";

import { useMe } from "@/hooks/me.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";

import { download } from "../shared/download.ts";
import { Copy } from "../shared/secret-text.tsx";

export interface CodesDialogProps {
  /** null: the window is closed. */
  codes: readonly string[] | null;
  onClose: () => void;
}

/** The recovery codes, once: to be kept somewhere else than the phone with the app. */
export function CodesDialog({ codes, onClose }: CodesDialogProps) {
  const t = useT();
  const me = useMe();
  // What was shown stays while the window closes.
  const [last, setLast] = useState(codes);
  if (codes !== null && codes !== last) setLast(codes);
  const shown = last ?? [];
  const text = `${t("security.codesOf", { username: me?.username ?? "", host: location.host })}\n\n${shown.join("\n")}\n`;
  return (
    <Dialog
      open={codes !== null}
      onClose={onClose}
      title={t("security.codesTitle")}
      description={t("security.codesText")}
      closeLabel={t("common.close")}
      footer={<Button onClick={onClose}>{t("security.codesKept")}</Button>}
    >
      <div className="flex flex-col gap-4 px-6 pt-2 pb-5">
        <section data-print>
          <h3 className="hidden text-lg font-semibold print:block">{t("security.codesOf", { username: me?.username ?? "", host: location.host })}</h3>
          <ol aria-label={t("security.codesTitle")} className="grid grid-cols-1 justify-items-center gap-x-4 min-[26rem]:grid-cols-2 gap-y-1 rounded-md bg-sunken px-5 py-4 font-mono text-ink select-text">
            {shown.map((code) => (
              <li key={code} className="tabular-nums">
                {code}
              </li>
            ))}
          </ol>
        </section>
        <div className="flex flex-wrap gap-2">
          <Copy text={shown.join("\n")} />
          <Button look="soft" size="sm" onClick={() => download(text, `batiyoun-${me?.username ?? "codes"}.txt`)}>
            <Download aria-hidden="true" />
            {t("forms.download")}
          </Button>
          <Button look="soft" size="sm" onClick={() => print()}>
            <Printer aria-hidden="true" />
            {t("forms.print")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

import { useState } from "react";

import type { MadeInvite } from "@/core/identity/invites.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { QrCode } from "@/ui/qr-code.tsx";

import { Copy, SecretText } from "../shared/secret-text.tsx";

export interface InviteDialogProps {
  /** null: the window is closed. */
  made: MadeInvite | null;
  onClose: () => void;
}

/** The link to be sent, and the same for a camera: shown once, because the server keeps only its hash. */
export function InviteDialog({ made, onClose }: InviteDialogProps) {
  const t = useT();
  const format = useFormat();
  // What was shown stays while the window closes.
  const [last, setLast] = useState(made);
  if (made !== null && made !== last) setLast(made);
  return (
    <Dialog
      open={made !== null}
      onClose={onClose}
      title={last?.invite.note || t("invites.ready")}
      {...(last ? { description: t("invites.sendIt", { date: format.date(last.invite.expiresAt) }) } : {})}
      closeLabel={t("common.close")}
    >
      {last && (
        <div className="flex flex-col gap-5 px-6 pt-2 pb-6">
          <div className="flex justify-center">
            <QrCode text={last.url} label={t("invites.qr")} />
          </div>
          {last.proves && <p className="text-sm text-ink-soft text-pretty">{t(last.proves === "both" ? "invites.provesBoth" : "invites.proves")}</p>}
          <SecretText text={last.url} label={t("invites.link")} />
          <div className="flex justify-end">
            <Copy text={last.url} label={t("invites.copy")} />
          </div>
        </div>
      )}
    </Dialog>
  );
}

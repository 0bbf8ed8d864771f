import { Download } from "lucide-react";

import { OwnAccount } from "@/core/identity/own-account.ts";
import type { Me } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Section } from "@/ui/section.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { download } from "../shared/download.ts";

/** A copy of everything, to take along. */
export function ExportSection({ me }: { me: Me }) {
  const t = useT();
  const account = useIdentity(OwnAccount);
  const { busy, problem, run } = useAction();
  const save = async (): Promise<void> => download(await account.export(), `batiyoun-${me.username}.json`);
  return (
    <Section title={t("account.export")}>
      <p className="text-ink-soft text-pretty">{t("account.exportText")}</p>
      {problem && <Trouble>{problem}</Trouble>}
      <div>
        <Button look="soft" busy={busy} onClick={() => void run(save)}>
          <Download aria-hidden="true" />
          {t("account.exportNow")}
        </Button>
      </div>
    </Section>
  );
}

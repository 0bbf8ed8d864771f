import { Printer } from "lucide-react";
import { useState } from "react";

import { useMe } from "@/hooks/me.ts";
import { useResource } from "@/hooks/resource.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Form } from "@/ui/form.tsx";
import { QrCode } from "@/ui/qr-code.tsx";
import { TextField } from "@/ui/text-field.tsx";
import { toast } from "@/ui/toast-store.ts";

import { Loaded } from "../shared/loaded.tsx";
import { Copy } from "../shared/secret-text.tsx";
import { useDesk } from "./use-desk.ts";

export interface RecoveryDialogProps {
  open: boolean;
  onClose: () => void;
}

/** Makes a recovery code, shows it once, and sees that the person has it. */
export function RecoveryDialog({ open, onClose }: RecoveryDialogProps) {
  const t = useT();
  return (
    <Dialog open={open} onClose={onClose} title={t("keys.recoveryCode")} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-5 px-6 pt-1 pb-6">{open && <Making onDone={onClose} />}</div>
    </Dialog>
  );
}

function Making({ onDone }: { onDone: () => void }) {
  const t = useT();
  const desk = useDesk();
  const code = useResource(() => desk((it) => it.newCode()));
  const [kept, setKept] = useState(false);
  return (
    <Loaded resource={code} label={t("keys.loading")} rows={1}>
      {(text) =>
        kept ? (
          <Confirming code={text} onBack={() => setKept(false)} onDone={onDone} />
        ) : (
          <Showing code={text} onKept={() => setKept(true)} />
        )
      }
    </Loaded>
  );
}

function Showing({ code, onKept }: { code: string; onKept: () => void }) {
  const t = useT();
  const me = useMe();
  const groups = code.split("-");
  return (
    <>
      <p className="text-ink-soft text-pretty">{t("keys.showText")}</p>
      <section data-print className="flex flex-col items-center gap-4 bg-raised">
        <h3 className="hidden text-lg font-semibold print:block">
          {t("keys.codeOf", { username: me?.username ?? "", host: location.host })}
        </h3>
        <ol
          aria-label={t("keys.recoveryCode")}
          data-secret
          className="grid w-full grid-cols-[repeat(auto-fit,minmax(4.5rem,1fr))] justify-items-center gap-y-2 rounded-md bg-sunken px-3 py-4 font-mono text-xl text-ink select-text"
        >
          {groups.map((group, place) => (
            // Two groups may be the same; their place tells them apart.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={place}>{group}</li>
          ))}
        </ol>
        <QrCode text={code} label={t("keys.codeQr")} />
      </section>
      <div className="flex flex-wrap gap-2">
        <Copy text={code} />
        <Button look="soft" size="sm" onClick={() => print()}>
          <Printer aria-hidden="true" />
          {t("forms.print")}
        </Button>
      </div>
      <Button wide onClick={onKept}>
        {t("keys.kept")}
      </Button>
    </>
  );
}

/** Which group the person types to show that they have the code: never the first, which one remembers for a moment. */
const ASKED = 4;

function Confirming({ code, onBack, onDone }: { code: string; onBack: () => void; onDone: () => void }) {
  const t = useT();
  const desk = useDesk();
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const right = plain(typed) === plain(code.split("-")[ASKED] ?? "");
  const submit = useSubmit(async () => {
    await desk((it) => it.keepCode(code));
    toast(t("keys.codeKept"), "good");
    onDone();
  });
  return (
    <>
      <p className="text-ink-soft text-pretty">{t("keys.confirmText", { place: ASKED + 1 })}</p>
      <Form
        submit={submit}
        label={t("keys.confirm")}
        check={() => {
          setTried(true);
          return right;
        }}
      >
        <TextField
          label={t("keys.group", { place: ASKED + 1 })}
          autoComplete="off"
          autoCapitalize="characters"
          autoCorrect="off"
          spellCheck={false}
          maxLength={8}
          value={typed}
          error={tried && !right ? t("keys.groupWrong") : null}
          onChange={(event) => {
            setTyped(event.target.value);
            setTried(false);
          }}
        />
      </Form>
      <Button look="quiet" wide onClick={onBack}>
        {t("keys.showAgain")}
      </Button>
    </>
  );
}

/** What was typed as it is compared: the letters that a code has instead of those one takes them for. */
const plain = (text: string): string =>
  text.trim().toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");

import { ScanLine } from "lucide-react";
import { useState } from "react";

import type { Caller } from "@/core/crypto/devices/desk.ts";
import { isQr } from "@/core/crypto/devices/linking.ts";
import { useAction } from "@/hooks/action.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Form } from "@/ui/form.tsx";
import { canScan, Scanner } from "@/ui/scanner.tsx";
import { TextField } from "@/ui/text-field.tsx";
import { toast } from "@/ui/toast-store.ts";
import { Trouble } from "@/ui/trouble.tsx";

import { inThrees } from "./groups.ts";
import { useDesk } from "./use-desk.ts";

/** On a device that has the key: lets another one of the person's in. */
export function LetIn({ open, onClose, onDone }: { open: boolean; onClose: () => void; onDone: () => void }) {
  const t = useT();
  const [caller, setCaller] = useState<Caller | null>(null);
  const close = (): void => {
    onClose();
    setCaller(null);
  };
  const done = (): void => {
    close();
    toast(t("keys.handedOver"), "good");
    onDone();
  };
  return (
    <Dialog open={open} onClose={close} title={t("keys.letIn")} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-5 px-6 pt-1 pb-6">
        {caller ? <Compare caller={caller} onDone={done} onNo={close} /> : <TypeCode onFound={setCaller} />}
      </div>
    </Dialog>
  );
}

const OWNERS = { not_a_link_code: "code", link_unknown: "code" };

function TypeCode({ onFound }: { onFound: (caller: Caller) => void }) {
  const t = useT();
  const desk = useDesk();
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const [scanning, setScanning] = useState(false);
  const submit = useSubmit(async () => onFound(await desk((it) => it.whoAsks(code))), OWNERS);
  const { busy, problem, run } = useAction();
  const scanned = async (seen: string): Promise<void> => {
    if (!isQr(seen) || busy) return;
    setScanning(false);
    await run(async () => onFound(await desk((it) => it.whoAsks(seen))));
  };
  const missing = tried && code.trim() === "" ? t("keys.needLink") : null;
  return (
    <>
      <p className="text-ink-soft text-pretty">{t("keys.letInText")}</p>
      {problem && <Trouble>{problem}</Trouble>}
      {scanning && (
        <Scanner
          label={t("keys.camera")}
          refusedText={t("keys.noCamera")}
          stopLabel={t("keys.stopScan")}
          onCode={(seen) => void scanned(seen)}
          onClose={() => setScanning(false)}
        />
      )}
      {canScan() && !scanning && (
        <Button look="soft" wide busy={busy} onClick={() => setScanning(true)}>
          <ScanLine aria-hidden="true" />
          {t("keys.scan")}
        </Button>
      )}
      <Form
        submit={submit}
        label={t("common.continue")}
        check={() => {
          setTried(true);
          return code.trim() !== "";
        }}
      >
        <TextField
          label={t("keys.code")}
          hint={t("keys.codeHint")}
          autoComplete="off"
          autoCapitalize="characters"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="go"
          value={code}
          error={submit.fields["code"] ?? missing}
          onChange={(event) => {
            setCode(event.target.value);
            submit.changed("code");
          }}
        />
      </Form>
    </>
  );
}

function Compare({ caller, onDone, onNo }: { caller: Caller; onDone: () => void; onNo: () => void }) {
  const t = useT();
  const { busy, problem, run } = useSubmit(async () => {
    await caller.letIn();
    onDone();
  });
  return (
    <>
      <p className="text-ink-soft text-pretty">{t("keys.compareText", { device: caller.name })}</p>
      <p className="rounded-md bg-sunken px-4 py-5 text-center text-3xl font-semibold tabular-nums text-ink">
        <span className="sr-only">{t("keys.number")} </span>
        {inThrees(caller.digits)}
      </p>
      <p className="text-sm text-ink-soft text-pretty">{t("keys.compareWarning")}</p>
      {problem && <Trouble>{problem}</Trouble>}
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="quiet" onClick={onNo}>
          {t("keys.different")}
        </Button>
        <Button busy={busy} onClick={() => void run()}>
          {t("keys.same")}
        </Button>
      </div>
    </>
  );
}

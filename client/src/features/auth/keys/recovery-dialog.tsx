import { Fingerprint, Info, Printer } from "lucide-react";
import { useState } from "react";

import { useMe } from "@/hooks/me.ts";
import { useResource } from "@/hooks/resource.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Form } from "@/ui/form.tsx";
import { QrCode } from "@/ui/qr-code.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { TextField } from "@/ui/text-field.tsx";
import { toast } from "@/ui/toast-store.ts";
import { WayRow } from "@/ui/way-row.tsx";

import { Loaded } from "../shared/loaded.tsx";
import { Copy } from "../shared/secret-text.tsx";
import { SavePasskey } from "./save-passkey.tsx";
import { useDesk } from "./use-desk.ts";
import { usePasskeyWay } from "./use-passkey-way.ts";

export interface RecoveryDialogProps {
  open: boolean;
  onClose: () => void;
}

/** Keeps a way back: with a passkey where that works, or by a code on paper. */
export function RecoveryDialog({ open, onClose }: RecoveryDialogProps) {
  const t = useT();
  return (
    <Dialog open={open} onClose={onClose} title={t("keys.wayBack")} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-5 px-6 pt-1 pb-6">{open && <Choosing onDone={onClose} />}</div>
    </Dialog>
  );
}

function Choosing({ onDone }: { onDone: () => void }) {
  const t = useT();
  const possible = usePasskeyWay();
  const [way, setWay] = useState<"passkey" | "code" | null>(null);
  const [failed, setFailed] = useState(false);
  if (possible === undefined) return <SkeletonRows rows={2} label={t("keys.loading")} />;
  if (!possible || way === "code") {
    return (
      <>
        {failed && <Banner icon={Info} shape="card" role="status">{t("keys.passkeyCannot")}</Banner>}
        <Making onDone={onDone} />
      </>
    );
  }
  if (way === "passkey") {
    const cannot = (): void => {
      setFailed(true);
      setWay("code");
    };
    return <SavePasskey onDone={onDone} onCannot={cannot} onBack={() => setWay(null)} />;
  }
  return (
    <>
      <p className="text-ink-soft text-pretty">{t("keys.chooseText")}</p>
      <ul aria-label={t("keys.waysBack")} className="-mx-4 flex flex-col">
        <li>
          <WayRow icon={Fingerprint} title={t("keys.savePasskey")} text={t("keys.passkeyWayText")} onPress={() => setWay("passkey")} />
        </li>
        <li>
          <WayRow icon={Printer} title={t("keys.codeWay")} text={t("keys.codeWayText")} onPress={() => setWay("code")} />
        </li>
      </ul>
    </>
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
  const { recoveryAt, passkeyAt } = useLive(useServices().keys.state);
  const groups = code.split("-");
  return (
    <>
      <p className="text-ink-soft text-pretty">
        {t("keys.showText")} {recoveryAt !== null && passkeyAt !== null && t("keys.codeEndsText")}
      </p>
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

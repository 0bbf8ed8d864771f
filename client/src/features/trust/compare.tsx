import { ScanLine } from "lucide-react";
import { useId, useState } from "react";

import type { Comparison, SafetyNumber } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useServices } from "@/hooks/services.ts";
import { useTrust } from "@/hooks/trust.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { QrCode } from "@/ui/qr-code.tsx";
import { canScan, Scanner } from "@/ui/scanner.tsx";
import { toast } from "@/ui/toast-store.ts";
import { Trouble } from "@/ui/trouble.tsx";

export interface CompareProps {
  userId: string;
  name: string;
  number: SafetyNumber;
}

/** The number and its picture, to be compared by eye, by ear or by camera; and the mark that says it was done. */
export function Compare({ userId, name, number }: CompareProps) {
  const t = useT();
  const { trust } = useServices();
  const verified = useTrust(userId)?.state === "verified";
  const { busy, problem, run } = useAction();
  const [scanning, setScanning] = useState(false);
  const [found, setFound] = useState<Comparison | null>(null);
  const digits = useId();

  const mark = (): Promise<boolean> =>
    run(async () => {
      await trust.verify(userId, number.key);
      toast(t("trust.marked", { name }), "good");
    });
  const unmark = (): Promise<boolean> => run(() => trust.unverify(userId));
  const scanned = async (code: string): Promise<void> => {
    const comparison = await trust.compare(userId, code);
    setFound(comparison);
    if (comparison === "not_a_code") return;
    setScanning(false);
    if (comparison === "same") await mark();
  };

  return (
    <>
      <p className="text-ink-soft text-pretty">{t("trust.how", { name })}</p>
      {scanning ? (
        <Scanner
          label={t("trust.camera")}
          refusedText={t("trust.noCamera")}
          stopLabel={t("trust.stopScan")}
          onCode={(code) => void scanned(code)}
          onClose={() => setScanning(false)}
        />
      ) : (
        <div className="mx-auto flex w-full max-w-48 justify-center">
          <QrCode text={number.code} label={t("trust.qr", { name })} />
        </div>
      )}
      {found === "not_a_code" && scanning && <p role="status">{t("trust.notCode", { name })}</p>}
      {found === "different" && <Trouble>{t("trust.different", { name })}</Trouble>}
      <section aria-labelledby={digits}>
        <h3 id={digits} className="sr-only">
          {t("trust.digits")}
        </h3>
        <ol className="mx-auto grid w-fit grid-cols-4 gap-x-5 gap-y-2 text-lg font-semibold tracking-wide tabular-nums">
          {number.groups.map((group, index) => (
            // Two groups may be the same.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index}>{group}</li>
          ))}
        </ol>
      </section>
      {problem && <Trouble>{problem}</Trouble>}
      <div className="flex flex-wrap justify-center gap-2">
        {canScan() && !scanning && (
          <Button look={verified ? "outline" : "soft"} onClick={() => setScanning(true)}>
            <ScanLine aria-hidden="true" />
            {t("trust.scan")}
          </Button>
        )}
        {verified ? (
          <Button look="quiet" busy={busy} onClick={() => void unmark()}>
            {t("trust.unmark")}
          </Button>
        ) : (
          <Button busy={busy} onClick={() => void mark()}>
            {t("trust.mark")}
          </Button>
        )}
      </div>
    </>
  );
}

import { RefreshCw } from "lucide-react";
import { useEffect, useState } from "react";

import type { Waiting } from "@/core/crypto/devices/desk.ts";
import { formatLink, qrOf } from "@/core/crypto/devices/linking.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useResource } from "@/hooks/resource.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { QrCode } from "@/ui/qr-code.tsx";
import { Spinner } from "@/ui/spinner.tsx";
import { toast } from "@/ui/toast-store.ts";
import { Trouble } from "@/ui/trouble.tsx";

import { inThrees } from "./groups.ts";
import { useDesk } from "./use-desk.ts";

/** On the new browser: a code for the other device, until the key is here. */
export function LinkHere() {
  const t = useT();
  const format = useFormat();
  const desk = useDesk();
  const say = useProblem();
  const offer = useResource(() => desk((it) => it.askIn()));
  const [over, setOver] = useState<{ of: Waiting; error: unknown } | null>(null);
  const waiting = offer.value;

  useEffect(() => {
    const stop = new AbortController();
    waiting?.arrived(stop.signal).then(
      () => toast(t("keys.opened"), "good"),
      (error: unknown) => {
        if (!stop.signal.aborted) setOver({ of: waiting, error });
      },
    );
    return () => stop.abort();
  }, [waiting, t]);

  const ended = over !== null && over.of === waiting;
  const problem = offer.problem ?? (ended ? say(over.error) : null);
  const shown = ended ? null : waiting;
  return (
    <div className="flex flex-col gap-6">
      <ol className="flex list-decimal flex-col gap-1.5 ps-5 text-ink marker:text-ink-soft">
        <li>{t("keys.linkStep1")}</li>
        <li>{t("keys.linkStep2")}</li>
        <li>{t("keys.linkStep3")}</li>
      </ol>
      {problem && (
        <Trouble
          action={
            <Button look="quiet" size="sm" onClick={offer.reload}>
              <RefreshCw aria-hidden="true" />
              {t("keys.newLink")}
            </Button>
          }
        >
          {problem}
        </Trouble>
      )}
      {shown && (
        <div className="flex flex-col items-center gap-6 sm:flex-row sm:items-start">
          <QrCode text={qrOf(shown.code)} label={t("keys.qr")} />
          <dl className="flex min-w-0 flex-col gap-4 self-stretch">
            <div>
              <dt className="text-sm font-semibold text-ink-soft">{t("keys.code")}</dt>
              <dd data-secret className="mt-1 font-mono text-xl text-ink select-all">
                {formatLink(shown.code)}
              </dd>
              <dd className="mt-1 text-sm text-ink-soft">{t("keys.goodUntil", { time: format.time(shown.expiresAt) })}</dd>
            </div>
            <div>
              <dt className="text-sm font-semibold text-ink-soft">{t("keys.number")}</dt>
              <dd className="mt-1 text-2xl font-semibold tabular-nums text-ink">{inThrees(shown.digits)}</dd>
            </div>
          </dl>
        </div>
      )}
      {!problem && (
        <p role="status" className="flex items-center gap-2.5 text-sm text-ink-soft">
          <Spinner />
          {t(shown ? "keys.waiting" : "keys.making")}
        </p>
      )}
    </div>
  );
}

import { ShieldCheck, ShieldOff } from "lucide-react";
import { useState } from "react";

import { SecondFactor, type SecondFactorState, type Setup } from "@/core/identity/second-factor.ts";
import { useAction } from "@/hooks/action.ts";
import { useIdentity } from "@/hooks/identity.ts";
import type { Resource } from "@/hooks/resource.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";
import { Button } from "@/ui/button.tsx";
import { Section } from "@/ui/section.tsx";
import { Trouble } from "@/ui/trouble.tsx";
import { toast } from "@/ui/toast-store.ts";

import { Loaded } from "../shared/loaded.tsx";
import { useAsk } from "../shared/use-ask.tsx";
import { CodesDialog } from "./codes-dialog.tsx";
import { SetupDialog } from "./setup-dialog.tsx";

/** Few are left: time for new ones. */
const FEW = 3;

/** The authenticator app: on or off, and its recovery codes. */
export function SecondFactorSection({ resource }: { resource: Resource<SecondFactorState> }) {
  const t = useT();
  const secondFactor = useIdentity(SecondFactor);
  const action = useAction();
  const [setup, setSetup] = useState<Setup | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  return (
    <Section title={t("security.secondFactor")}>
      <p className="text-ink-soft text-pretty">{t("security.secondFactorText")}</p>
      <Loaded resource={resource} label={t("security.loading")} rows={1}>
        {(state) =>
          state.on ? (
            <On left={state.recoveryCodesLeft} resource={resource} onCodes={setCodes} />
          ) : (
            <div>
              <Button
                look="soft"
                busy={action.busy}
                onClick={() => void action.run(async () => setSetup(await secondFactor.setup()))}
              >
                {t("security.turnOn")}
              </Button>
            </div>
          )
        }
      </Loaded>
      {action.problem && <Trouble>{action.problem}</Trouble>}
      <SetupDialog
        setup={setup}
        onClose={() => setSetup(null)}
        onOn={(made) => {
          setSetup(null);
          setCodes(made);
          resource.reload();
        }}
      />
      <CodesDialog
        codes={codes}
        onClose={() => {
          setCodes(null);
          resource.reload();
        }}
      />
    </Section>
  );
}

interface OnProps {
  left: number;
  resource: Resource<SecondFactorState>;
  onCodes: (codes: readonly string[]) => void;
}

function On({ left, resource, onCodes }: OnProps) {
  const t = useT();
  const secondFactor = useIdentity(SecondFactor);
  const { ask, window } = useAsk();

  const makeCodes = (): void =>
    ask({
      title: t("security.newCodesTitle"),
      text: t("security.newCodesText"),
      confirm: t("security.newCodes"),
      work: async () => onCodes(await secondFactor.newCodes()),
    });

  const turnOff = (): void =>
    ask({
      title: t("security.turnOffTitle"),
      text: t("security.turnOffText"),
      confirm: t("security.turnOff"),
      work: async () => {
        await secondFactor.turnOff();
        resource.set(() => ({ on: false, recoveryCodesLeft: 0 }));
        toast(t("security.turnedOff"), "good");
      },
    });

  return (
    <>
      <Banner icon={left > 0 ? ShieldCheck : ShieldOff} tone={left < FEW ? "note" : "good"} shape="card">
        {t("security.isOn")} {t("security.codesLeft", { count: left })}
      </Banner>
      <div className="flex flex-wrap gap-2">
        <Button look="soft" onClick={makeCodes}>
          {t("security.newCodes")}
        </Button>
        <Button look="quiet-danger" onClick={turnOff}>
          {t("security.turnOff")}
        </Button>
      </div>
      {window}
    </>
  );
}

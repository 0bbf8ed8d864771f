import { useQuery, useServices } from "@/hooks/services.ts";
import { useTrust } from "@/hooks/trust.ts";
import { useResource } from "@/hooks/resource.ts";
import { useT } from "@/i18n/index.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { Trouble } from "@/ui/trouble.tsx";

import { Compare } from "./compare.tsx";
import { Standing } from "./standing.tsx";

export interface SafetyDialogProps {
  userId: string;
  onClose: () => void;
}

/** Whether the person at the other end is who they seem to be: the number to compare, and what is known so far. */
export function SafetyDialog({ userId, onClose }: SafetyDialogProps) {
  const t = useT();
  const person = useQuery((services) => services.people.profile(userId), [userId]);
  const trust = useTrust(userId);
  const name = person?.displayName ?? t("trust.someone");
  return (
    <Dialog open onClose={onClose} title={t("trust.title", { name })} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-4 px-6 pt-1 pb-6">
        {trust && <Standing userId={userId} name={name} trust={trust} />}
        {/* Other keys have another number; a mark changes none. */}
        <Loaded key={trust?.state === "changed" ? trust.since : String(trust === undefined)} userId={userId} name={name} />
      </div>
    </Dialog>
  );
}

function Loaded({ userId, name }: { userId: string; name: string }) {
  const t = useT();
  const services = useServices();
  const { value: number, problem } = useResource(() => services.trust.number(userId));
  if (problem) return <Trouble>{problem}</Trouble>;
  if (number === undefined) return <SkeletonRows rows={3} label={t("trust.loading")} />;
  if (number === null) return <p className="text-ink-soft text-pretty">{t("trust.noNumber", { name })}</p>;
  return <Compare userId={userId} name={name} number={number} />;
}

import { Ban, CircleCheck, Flag } from "lucide-react";

import { useBlocked, useUnblock } from "@/hooks/blocks.ts";
import { useT } from "@/i18n/index.ts";
import { WayRow } from "@/ui/way-row.tsx";

export interface PersonWaysProps {
  userId: string;
  name: string;
  /** Asks before the person is blocked. */
  onBlock: () => void;
  onReport: () => void;
}

/** Away from a person: not to hear of them any more, and to tell of them. */
export function PersonWays({ userId, name, onBlock, onReport }: PersonWaysProps) {
  const t = useT();
  const unblock = useUnblock();
  const blocked = useBlocked().has(userId);
  return (
    <div className="mx-1 border-t border-line pt-3 sm:mx-3">
      {blocked ? (
        <WayRow icon={CircleCheck} title={t("blocks.unblockWay", { name })} text={t("blocks.unblockText")} onPress={() => void unblock(userId, name)} />
      ) : (
        <WayRow icon={Ban} title={t("blocks.blockWay", { name })} text={t("blocks.blockText")} danger onPress={onBlock} />
      )}
      <WayRow icon={Flag} title={t("blocks.reportWay", { name })} text={t("blocks.reportText")} danger onPress={onReport} />
    </div>
  );
}

import type { BlockProps } from "@/hooks/blocks.ts";
import { useAction } from "@/hooks/action.ts";
import { useQuery, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Confirm } from "@/ui/confirm.tsx";
import { toast } from "@/ui/toast-store.ts";

/** Asks before somebody is blocked, and says what that means. */
export function BlockDialog({ userId, onClose }: BlockProps) {
  const t = useT();
  const { blocks } = useServices();
  const person = useQuery((each) => each.people.profile(userId), [userId]);
  const { busy, problem, run } = useAction();
  const name = person?.displayName ?? t("blocks.someone");
  const block = async (): Promise<void> => {
    if (!(await run(() => blocks.set(userId, true)))) return;
    toast(t("blocks.blocked", { name }), "good");
    onClose();
  };
  return (
    <Confirm
      open
      title={t("blocks.askTitle", { name })}
      text={t("blocks.askText", { name })}
      more={[t("blocks.askKeep"), t("blocks.askGroups")]}
      confirmLabel={t("blocks.block")}
      cancelLabel={t("common.cancel")}
      danger
      busy={busy}
      problem={problem}
      onConfirm={() => void block()}
      onCancel={onClose}
    />
  );
}

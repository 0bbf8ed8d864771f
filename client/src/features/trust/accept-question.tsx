import { useAction } from "@/hooks/action.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Confirm } from "@/ui/confirm.tsx";

export interface AcceptQuestionProps {
  open: boolean;
  userId: string;
  name: string;
  onClose: () => void;
}

/** Before somebody's new keys are believed without comparing them. */
export function AcceptQuestion({ open, userId, name, onClose }: AcceptQuestionProps) {
  const t = useT();
  const { trust } = useServices();
  const { busy, problem, run } = useAction();
  const accept = async (): Promise<void> => {
    if (await run(() => trust.accept(userId))) onClose();
  };
  return (
    <Confirm
      open={open}
      title={t("trust.acceptTitle", { name })}
      text={t("trust.acceptText", { name })}
      confirmLabel={t("trust.accept")}
      cancelLabel={t("common.cancel")}
      busy={busy}
      problem={problem}
      onConfirm={() => void accept()}
      onCancel={onClose}
    />
  );
}

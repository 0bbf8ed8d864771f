import type { ChatDetail } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Confirm } from "@/ui/confirm.tsx";

export interface LeaveProps {
  open: boolean;
  chat: ChatDetail;
  name: string;
  onLeft: () => void;
  onClose: () => void;
}

/** Asks before leaving, and says what becomes of the group. */
export function Leave({ open, chat, name, onLeft, onClose }: LeaveProps) {
  const t = useT();
  const services = useServices();
  const { busy, problem, run, clear } = useAction();
  const consequence =
    chat.memberCount <= 1 ? "group.leaveLast" : chat.myRole === "owner" ? "group.leaveOwner" : "group.leaveText";
  const leave = async (): Promise<void> => {
    if (await run(() => services.chats.leave(chat.id))) onLeft();
  };
  return (
    <Confirm
      open={open}
      title={t("group.leaveTitle", { name })}
      text={t(consequence)}
      confirmLabel={t("group.leave")}
      cancelLabel={t("common.cancel")}
      danger
      busy={busy}
      problem={problem}
      onConfirm={() => void leave()}
      onCancel={() => {
        clear();
        onClose();
      }}
    />
  );
}

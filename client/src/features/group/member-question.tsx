import { useT } from "@/i18n/index.ts";
import { Confirm } from "@/ui/confirm.tsx";

import { QUESTIONS, WAYS } from "./member-ways.ts";
import type { MemberActions } from "./use-member-actions.ts";

/** Asks before something with a member that is hard to take back. */
export function MemberQuestion({ question, busy, problem, confirm, cancel }: MemberActions) {
  const t = useT();
  const asked = question && QUESTIONS[question.action];
  if (!question || !asked) return null;
  const name = question.member.profile?.displayName ?? t("group.someone");
  const way = WAYS[question.action];
  return (
    <Confirm
      open
      title={t(asked.title, { name })}
      text={t(asked.text, { name })}
      confirmLabel={t(way.label)}
      cancelLabel={t("common.cancel")}
      danger={way.danger ?? false}
      busy={busy}
      problem={problem}
      onConfirm={confirm}
      onCancel={cancel}
    />
  );
}

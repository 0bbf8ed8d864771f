import { Crown, MessageCircle, ShieldCheck, ShieldOff, UserRoundMinus, type LucideIcon } from "lucide-react";
import { useState } from "react";

import type { ChatDetail, MemberItem } from "@/core/services.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { Confirm } from "@/ui/confirm.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { ProfileCard } from "@/ui/profile-card.tsx";
import { Trouble } from "@/ui/trouble.tsx";
import { WayRow } from "@/ui/way-row.tsx";

import { ROLE_KEYS } from "./member-row.tsx";
import { actionsOn, type MemberAction } from "./rights.ts";
import { useMemberActions } from "./use-member-actions.ts";
import { useSeen } from "./use-presence.ts";

const WAYS: Record<MemberAction, { icon: LucideIcon; label: Key; danger?: boolean }> = {
  makeAdmin: { icon: ShieldCheck, label: "group.makeAdmin" },
  makeMember: { icon: ShieldOff, label: "group.makeMember" },
  makeOwner: { icon: Crown, label: "group.makeOwner" },
  remove: { icon: UserRoundMinus, label: "group.remove", danger: true },
};

/** What is asked about first, because it is hard to take back. */
const QUESTIONS: Partial<Record<MemberAction, { title: Key; text: Key }>> = {
  makeOwner: { title: "group.makeOwnerTitle", text: "group.makeOwnerText" },
  remove: { title: "group.removeTitle", text: "group.removeText" },
};

export interface MemberDialogProps {
  chat: ChatDetail;
  member: MemberItem;
  onMessage: (chatId: string) => void;
  onClose: () => void;
}

/** A member of the group: who they are, and what one may do. */
export function MemberDialog({ chat, member, onMessage, onClose }: MemberDialogProps) {
  const t = useT();
  const seen = useSeen(member.userId);
  const [asking, setAsking] = useState<MemberAction | null>(null);
  const { profile } = member;
  const name = profile?.displayName ?? t("group.someone");
  const { busy, problem, clear, message, act } = useMemberActions(chat, member, name);
  const actions = chat.membership === "member" ? actionsOn(chat.myRole, member.role) : [];
  const question = asking && QUESTIONS[asking];
  const roleKey = ROLE_KEYS[member.role];

  const start = async (action: MemberAction): Promise<void> => {
    if (await act(action)) onClose();
  };

  return (
    <Dialog open onClose={onClose} title={name} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-4 pb-4">
        <ProfileCard
          id={member.userId}
          name={name}
          avatar={profile?.avatar ?? null}
          online={seen.online}
          heading={false}
          detail={
            <span className="mt-3 block">
              {profile && `@${profile.username}`}
              {roleKey && ` · ${t(roleKey)}`}
            </span>
          }
          status={seen.words}
          bio={profile?.bio ?? ""}
          bioLabel={t("group.about")}
        />
        {problem && !asking && (
          <div className="mx-6">
            <Trouble>{problem}</Trouble>
          </div>
        )}
        <div className="mx-3 flex flex-col">
          <WayRow icon={MessageCircle} title={t("group.message")} busy={busy === "message"} onPress={() => void message(onMessage)} />
          {actions.map((action) => (
            <WayRow
              key={action}
              icon={WAYS[action].icon}
              title={t(WAYS[action].label)}
              danger={WAYS[action].danger ?? false}
              busy={busy === action}
              onPress={() => (QUESTIONS[action] ? setAsking(action) : void start(action))}
            />
          ))}
        </div>
      </div>
      {asking && question && (
        <Confirm
          open
          title={t(question.title, { name })}
          text={t(question.text, { name })}
          confirmLabel={t(WAYS[asking].label)}
          cancelLabel={t("common.cancel")}
          danger={WAYS[asking].danger ?? false}
          busy={busy === asking}
          problem={problem}
          onConfirm={() => void start(asking)}
          onCancel={() => {
            clear();
            setAsking(null);
          }}
        />
      )}
    </Dialog>
  );
}

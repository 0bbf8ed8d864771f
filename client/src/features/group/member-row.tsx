import { EllipsisVertical } from "lucide-react";

import type { MemberItem, Role } from "@/core/services.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { IconButton } from "@/ui/icon-button.tsx";
import { ListRow, rowClass } from "@/ui/list-row.tsx";
import { Menu, type MenuItem } from "@/ui/menu.tsx";
import { VerifiedMark } from "@/ui/verified-mark.tsx";

import { QUESTIONS, WAYS } from "./member-ways.ts";
import type { MemberAction } from "./rights.ts";

/** What a role is called where it is more than being a member. */
export const ROLE_KEYS: Partial<Record<Role, Key>> = { owner: "group.owner", admin: "group.admin" };

export interface MemberRowProps {
  member: MemberItem;
  isMe: boolean;
  online: boolean;
  /** Their keys were compared. */
  verified: boolean;
  /** One does not hear of them. */
  blocked: boolean;
  /** What one may do with this member; null where nobody has a menu. */
  actions: readonly MemberAction[] | null;
  /** What else is in the menu, where there is one. */
  ways: readonly MenuItem[];
  /** Shows who this is. */
  onOpen: () => void;
  onAct: (action: MemberAction) => void;
}

/** A member: the row tells more about them, the menu at its end changes what they are here. */
export function MemberRow({ member, isMe, online, verified, blocked, actions, ways, onOpen, onAct }: MemberRowProps) {
  const t = useT();
  const { profile, role } = member;
  const name = profile?.displayName ?? t("group.someone");
  const roleKey = ROLE_KEYS[role];
  const inside = (
    <ListRow
      lead={<Avatar id={member.userId} name={name} src={profile?.avatar ?? null} online={online} />}
      title={
        <>
          <bdi>{name}</bdi>
          {verified && <VerifiedMark label={t("trust.verified")} />}
          {isMe && <span className="font-normal text-ink-soft"> ({t("group.you")})</span>}
          {online && !isMe && <span className="sr-only"> ({t("group.online")})</span>}
        </>
      }
      aside={
        roleKey && <span className="rounded-full bg-brand-soft px-2 py-0.5 font-semibold text-on-brand-soft">{t(roleKey)}</span>
      }
      text={[profile && `@${profile.username}`, blocked && t("blocks.mark")].filter(Boolean).join(" · ")}
    />
  );
  // One's own row is not a button: there is nothing to do with oneself that is not elsewhere.
  const row = isMe ? (
    <div className={`${rowClass} hover:bg-transparent`}>{inside}</div>
  ) : (
    <button type="button" aria-haspopup="dialog" onClick={onOpen} className={rowClass}>
      {inside}
    </button>
  );
  return (
    <div className="flex items-center gap-1">
      {row}
      {/* The room of a menu, so that the roles stand in one column. */}
      {actions && isMe && <span className="w-10 shrink-0 pointer-coarse:w-11" />}
      {actions && !isMe && (
        <Menu
          trigger={<IconButton icon={EllipsisVertical} label={t("group.more", { name })} tooltip={false} />}
          items={[
            ...actions.map((action) => {
              const { icon, label, danger = false } = WAYS[action];
              return { icon, danger, label: t(label), opensWindow: action in QUESTIONS, onSelect: () => onAct(action) };
            }),
            ...ways,
          ]}
        />
      )}
    </div>
  );
}

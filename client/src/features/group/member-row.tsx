import type { MemberItem, Role } from "@/core/services.ts";
import { useT, type Key } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { ListRow, rowClass } from "@/ui/list-row.tsx";

/** What a role is called where it is more than being a member. */
export const ROLE_KEYS: Partial<Record<Role, Key>> = { owner: "group.owner", admin: "group.admin" };

export interface MemberRowProps {
  member: MemberItem;
  isMe: boolean;
  online: boolean;
  onOpen: () => void;
}

/** A member. One's own row is not a button: there is nothing to do with oneself that is not elsewhere on the page. */
export function MemberRow({ member, isMe, online, onOpen }: MemberRowProps) {
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
          {isMe && <span className="font-normal text-ink-soft"> ({t("group.you")})</span>}
          {online && !isMe && <span className="sr-only"> ({t("group.online")})</span>}
        </>
      }
      aside={
        roleKey && <span className="rounded-full bg-brand-soft px-2 py-0.5 font-semibold text-on-brand-soft">{t(roleKey)}</span>
      }
      text={profile && `@${profile.username}`}
    />
  );
  if (isMe) return <div className={`${rowClass} hover:bg-transparent`}>{inside}</div>;
  return (
    <button type="button" aria-haspopup="dialog" onClick={onOpen} className={rowClass}>
      {inside}
    </button>
  );
}

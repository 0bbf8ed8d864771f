import { Ban, CircleCheck, Flag, UserRoundPlus } from "lucide-react";
import { useMemo, useState } from "react";

import type { ChatDetail, MemberItem } from "@/core/services.ts";
import { useBlocked, useUnblock } from "@/hooks/blocks.ts";
import { useNames } from "@/hooks/people.ts";
import { useLive, useServices } from "@/hooks/services.ts";
import { matches } from "@/i18n/fold.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import type { MenuItem } from "@/ui/menu.tsx";
import { SearchField } from "@/ui/search-field.tsx";
import { WayRow } from "@/ui/way-row.tsx";

import { AddMembers } from "./add-members.tsx";
import { MemberDialog } from "./member-dialog.tsx";
import { MemberQuestion } from "./member-question.tsx";
import { MemberRow } from "./member-row.tsx";
import { actionsOn, mayManage } from "./rights.ts";
import { useMemberActions } from "./use-member-actions.ts";

const NO_WAYS: readonly MenuItem[] = [];
/** Members shown before the person asks for all of them. */
const FIRST = 30;
/** From this many on there is a field to find one. */
const MANY = 12;

export interface MembersProps {
  chat: ChatDetail;
  myId: string;
  onMessage: (chatId: string) => void;
  /** Compare safety numbers with that person. */
  onCompare: (userId: string) => void;
  onBlock: (userId: string) => void;
  onReport: (userId: string) => void;
}

/** Who is in the group; each row tells more, and its menu changes what that person is here. */
export function Members({ chat, myId, onMessage, onCompare, onBlock, onReport }: MembersProps) {
  const t = useT();
  const services = useServices();
  const people = useLive(services.presence.people);
  const trusted = useLive(services.trust.people);
  const blocked = useBlocked();
  const unblock = useUnblock();
  const [query, setQuery] = useState("");
  const [all, setAll] = useState(false);
  const [adding, setAdding] = useState(false);
  const [openId, setOpenId] = useState<string | null>(null);
  const found = useMemo(() => search(chat.members, query), [chat.members, query]);
  const shown = all ? found : found.slice(0, FIRST);
  // Opening the chat fetches everybody; who came in since then is fetched as soon as their row is there.
  useNames(shown.flatMap(({ userId, profile }) => (profile ? [] : [userId])));
  const doing = useMemberActions(chat.id);
  const opened = chat.members.find((member) => member.userId === openId);
  const manages = mayManage(chat.myRole);
  /** What anybody may do about anybody; also behind the row. */
  const ways = ({ userId, profile }: MemberItem): MenuItem[] => [
    blocked.has(userId)
      ? { label: t("blocks.unblock"), icon: CircleCheck, onSelect: () => void unblock(userId, profile?.displayName ?? t("group.someone")) }
      : { label: t("blocks.block"), icon: Ban, danger: true, opensWindow: true, onSelect: () => onBlock(userId) },
    { label: t("blocks.report"), icon: Flag, danger: true, opensWindow: true, onSelect: () => onReport(userId) },
  ];

  return (
    <section aria-label={t("group.memberList")} className="flex flex-col gap-1">
      <h2 className="px-4 pb-1 text-sm font-semibold text-ink-soft sm:px-6">{t("group.memberList")}</h2>
      {chat.members.length >= MANY && (
        <div className="px-4 pb-2 sm:px-6">
          <SearchField label={t("group.searchMembers")} clearLabel={t("group.clear")} value={query} onChange={setQuery} />
        </div>
      )}
      <div className="mx-1 flex flex-col sm:mx-3">
        {manages && query.trim() === "" && (
          <WayRow icon={UserRoundPlus} title={t("group.add")} onPress={() => setAdding(true)} />
        )}
        <ul aria-label={t("group.memberList")}>
          {shown.map((member) => (
            <li key={member.userId}>
              <MemberRow
                member={member}
                isMe={member.userId === myId}
                verified={trusted?.get(member.userId)?.state === "verified"}
                online={people.get(member.userId)?.online === true}
                blocked={blocked.has(member.userId)}
                ways={member.userId === myId ? NO_WAYS : ways(member)}
                actions={manages ? (member.userId === myId ? [] : actionsOn(chat.myRole, member.role)) : null}
                onAct={(action) => doing.begin(member, action)}
                onOpen={() => setOpenId(member.userId)}
              />
            </li>
          ))}
        </ul>
      </div>
      {found.length === 0 && <p className="px-4 py-3 text-ink-soft sm:px-6">{t("group.noMember", { query: query.trim() })}</p>}
      {shown.length < found.length && (
        <div className="flex justify-center pt-2">
          <Button look="quiet" size="sm" onClick={() => setAll(true)}>
            {t("group.showAll", { count: found.length })}
          </Button>
        </div>
      )}
      <AddMembers open={adding} chat={chat} onClose={() => setAdding(false)} />
      {opened && (
        <MemberDialog
          member={opened}
          onMessage={onMessage}
          onBlock={() => onBlock(opened.userId)}
          onReport={() => onReport(opened.userId)}
          onCompare={chat.encryption === "mls" ? () => onCompare(opened.userId) : null}
          onClose={() => setOpenId(null)}
        />
      )}
      <MemberQuestion {...doing} />
    </section>
  );
}

function search(members: readonly MemberItem[], query: string): readonly MemberItem[] {
  if (query.trim() === "") return members;
  return members.filter(({ profile }) => profile && matches(query, profile.displayName, profile.username));
}

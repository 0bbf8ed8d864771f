import { useBlocked, useUnblock } from "@/hooks/blocks.ts";
import { useLive, useQuery, useServices } from "@/hooks/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Button } from "@/ui/button.tsx";
import { EmptyState } from "@/ui/empty-state.tsx";
import { ListRow } from "@/ui/list-row.tsx";
import { Pane } from "@/ui/pane.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";

export interface BlockedPageProps {
  onBack: () => void;
}

/** Whom one blocks, and the way to take it back. */
export function BlockedPage({ onBack }: BlockedPageProps) {
  const t = useT();
  const known = useLive(useServices().blocks.people) !== undefined;
  const blocked = useBlocked();
  return (
    <Pane title={t("blocks.title")} backLabel={t("common.back")} onBack={onBack}>
      {!known && <SkeletonRows rows={3} label={t("blocks.loading")} />}
      {known && blocked.size === 0 && <EmptyState title={t("blocks.none")} text={t("blocks.noneText")} />}
      {blocked.size > 0 && (
        <>
          <p className="px-4 pt-2 text-pretty text-ink-soft sm:px-6">{t("blocks.text")}</p>
          <ul aria-label={t("blocks.title")} className="mt-4 flex flex-col px-1 sm:px-3">
            {[...blocked].map(([userId, since]) => (
              <BlockedRow key={userId} userId={userId} since={since} />
            ))}
          </ul>
        </>
      )}
    </Pane>
  );
}

function BlockedRow({ userId, since }: { userId: string; since: number }) {
  const t = useT();
  const format = useFormat();
  const unblock = useUnblock();
  const person = useQuery((each) => each.people.profile(userId), [userId]);
  const name = person?.displayName ?? t("blocks.someone");
  return (
    <li className="flex items-center gap-2 rounded-md px-3 py-2.5">
      <ListRow
        lead={<Avatar id={userId} name={name} src={person?.avatar ?? null} />}
        title={<bdi>{name}</bdi>}
        text={t("blocks.since", { date: format.date(since) })}
      />
      <Button size="sm" look="outline" aria-label={t("blocks.unblockName", { name })} onClick={() => void unblock(userId, name)}>
        {t("blocks.unblock")}
      </Button>
    </li>
  );
}

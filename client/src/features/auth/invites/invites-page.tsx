import { Plus, Ticket, Trash2 } from "lucide-react";
import { useState } from "react";

import { Invites, type Invite, type MadeInvite } from "@/core/identity/invites.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useResource } from "@/hooks/resource.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { EmptyState } from "@/ui/empty-state.tsx";
import { TalkDrawing } from "@/ui/drawings.tsx";
import { IconButton } from "@/ui/icon-button.tsx";
import { Item, ItemList } from "@/ui/item.tsx";
import { toast } from "@/ui/toast-store.ts";

import { Loaded } from "../shared/loaded.tsx";
import { Page, type PageProps } from "../shared/page.tsx";
import { useAsk } from "../shared/use-ask.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { NewInvite } from "./new-invite.tsx";

/** Links that bring people in, and to whom they lead. */
export function InvitesPage({ onBack }: PageProps) {
  const t = useT();
  const invites = useIdentity(Invites);
  const resource = useResource(() => invites.list());
  const { ask, window } = useAsk();
  const [making, setMaking] = useState(false);
  const [shown, setShown] = useState<MadeInvite | null>(null);

  const revoke = (invite: Invite): void =>
    ask({
      title: t("invites.revokeTitle"),
      text: t("invites.revokeText"),
      confirm: t("invites.revoke"),
      work: async () => {
        await invites.revoke(invite.id);
        resource.set((all) => all.filter((each) => each.id !== invite.id));
        toast(t("invites.revoked"), "good");
      },
    });

  return (
    <Page title={t("invites.title")} text={t("invites.text")} onBack={onBack}>
      <Loaded resource={resource} label={t("invites.loading")}>
        {(all) => (
          <>
            {all.length > 0 ? (
              <ItemList label={t("invites.title")}>
                {all.map((each) => (
                  <InviteRow key={each.id} invite={each} onRevoke={() => revoke(each)} />
                ))}
              </ItemList>
            ) : (
              <EmptyState art={<TalkDrawing />} title={t("invites.none")} text={t("invites.noneText")} />
            )}
            <div className={all.length > 0 ? "" : "self-center"}>
              <Button look={all.length > 0 ? "soft" : "primary"} onClick={() => setMaking(true)}>
                <Plus aria-hidden="true" />
                {t("invites.make")}
              </Button>
            </div>
          </>
        )}
      </Loaded>
      <NewInvite
        open={making}
        onClose={() => setMaking(false)}
        onMade={(made) => {
          setMaking(false);
          resource.set((all) => [made.invite, ...all]);
          setShown(made);
        }}
      />
      <InviteDialog made={shown} onClose={() => setShown(null)} />
      {window}
    </Page>
  );
}

function InviteRow({ invite, onRevoke }: { invite: Invite; onRevoke: () => void }) {
  const t = useT();
  const format = useFormat();
  const title = invite.note || t("invites.unnamed");
  return (
    <Item
      icon={Ticket}
      title={title}
      text={
        invite.over ? (
          t("invites.over")
        ) : (
          <>
            {t("invites.used", { uses: invite.uses, count: invite.maxUses })} · {t("invites.until", { date: format.date(invite.expiresAt) })}
          </>
        )
      }
    >
      <IconButton icon={Trash2} label={t("invites.revokeOf", { name: title })} onClick={onRevoke} />
    </Item>
  );
}

import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";

import { Sessions, type ApiToken } from "@/core/identity/sessions.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useResource } from "@/hooks/resource.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Item, ItemList } from "@/ui/item.tsx";
import { toast } from "@/ui/toast-store.ts";

import { Loaded } from "../shared/loaded.tsx";
import { Page, type PageProps } from "../shared/page.tsx";
import { useAsk } from "../shared/use-ask.tsx";
import { NewToken } from "./new-token.tsx";
import { scopeWords } from "./scopes.ts";

/** What programs sign in with. */
export function TokensPage({ onBack }: PageProps) {
  const t = useT();
  const sessions = useIdentity(Sessions);
  const resource = useResource(() => sessions.tokens());
  const { ask, window } = useAsk();
  const [making, setMaking] = useState(false);

  const revoke = (token: ApiToken): void =>
    ask({
      title: t("devices.revokeTitle", { name: token.name }),
      text: t("devices.revokeText"),
      confirm: t("devices.revoke"),
      work: async () => {
        await sessions.revokeToken(token.id);
        resource.set((all) => all.filter((each) => each.id !== token.id));
        toast(t("devices.revoked"), "good");
      },
    });

  return (
    <Page title={t("devices.tokens")} text={t("devices.tokensText")} onBack={onBack}>
      <Loaded resource={resource} label={t("devices.loading")}>
        {(all) => (
          <>
            {all.length > 0 && (
              <ItemList label={t("devices.tokens")}>
                {all.map((each) => (
                  <TokenRow key={each.id} token={each} onRevoke={() => revoke(each)} />
                ))}
              </ItemList>
            )}
            <div>
              <Button look="soft" onClick={() => setMaking(true)}>
                <Plus aria-hidden="true" />
                {t("devices.newToken")}
              </Button>
            </div>
          </>
        )}
      </Loaded>
      <NewToken open={making} onClose={() => setMaking(false)} onMade={() => resource.reload()} />
      {window}
    </Page>
  );
}

function TokenRow({ token, onRevoke }: { token: ApiToken; onRevoke: () => void }) {
  const t = useT();
  const format = useFormat();
  const { name, scopes, lastUsedAt, expiresAt } = token;
  return (
    <Item
      icon={KeyRound}
      title={name}
      text={
        <>
          <p>{format.list(scopes.map((scope) => scopeWords(scope, t)))}</p>
          <p>
            {lastUsedAt === null ? t("devices.neverUsed") : t("devices.lastUsed", { when: format.ago(lastUsedAt) })}
            {" · "}
            {expiresAt === null ? t("devices.noEnd") : t("devices.goodUntil", { date: format.date(expiresAt) })}
          </p>
        </>
      }
    >
      <Button look="quiet-danger" size="sm" aria-label={t("devices.revokeOf", { name })} onClick={onRevoke}>
        {t("devices.revoke")}
      </Button>
    </Item>
  );
}

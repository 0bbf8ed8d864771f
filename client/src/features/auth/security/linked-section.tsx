import { Link2 } from "lucide-react";

import { OwnAccount, type LinkedLogin } from "@/core/identity/own-account.ts";
import { useAction } from "@/hooks/action.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useResource } from "@/hooks/resource.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Item, ItemList } from "@/ui/item.tsx";
import { Section } from "@/ui/section.tsx";
import { toast } from "@/ui/toast-store.ts";
import { Trouble } from "@/ui/trouble.tsx";

import { Loaded } from "../shared/loaded.tsx";
import { useAsk } from "../shared/use-ask.tsx";

/** Accounts elsewhere that sign in here. `provider` is what the one that the server knows is called. */
export function LinkedSection({ provider }: { provider: string }) {
  const t = useT();
  const format = useFormat();
  const account = useIdentity(OwnAccount);
  const link = useAction();
  const resource = useResource(() => account.linkedLogins());
  const { ask, window } = useAsk();

  const go = async (): Promise<void> => {
    location.assign(await account.departToLink());
  };

  const unlink = (login: LinkedLogin): void =>
    ask({
      title: t("security.unlinkTitle", { name: login.name }),
      text: t("security.unlinkText", { name: login.name }),
      confirm: t("security.unlink"),
      work: async () => {
        await account.unlink(login.id);
        resource.set((all) => all.filter((each) => each.id !== login.id));
        toast(t("security.unlinked"), "good");
      },
    });

  return (
    <Section title={t("security.linked")}>
      <Loaded resource={resource} label={t("security.loading")} rows={1}>
        {(all) => (
          <>
            {all.length > 0 && (
              <ItemList label={t("security.linked")}>
                {all.map((each) => (
                  <Item
                    key={each.id}
                    icon={Link2}
                    title={each.name}
                    text={
                      <>
                        {each.email} · {t("security.linkedSince", { date: format.date(each.linkedAt) })}
                      </>
                    }
                  >
                    <Button look="quiet" size="sm" onClick={() => unlink(each)}>
                      {t("security.unlink")}
                    </Button>
                  </Item>
                ))}
              </ItemList>
            )}
            {all.length === 0 && (
              <>
                <p className="text-ink-soft text-pretty">{t("security.linkText", { name: provider })}</p>
                <div>
                  <Button look="soft" busy={link.busy} onClick={() => void link.run(go)}>
                    {t("security.link", { name: provider })}
                  </Button>
                </div>
              </>
            )}
          </>
        )}
      </Loaded>
      {link.problem && <Trouble>{link.problem}</Trouble>}
      {window}
    </Section>
  );
}

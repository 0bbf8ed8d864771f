import { Fingerprint, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import { Passkeys, type Passkey } from "@/core/identity/passkeys.ts";
import { useEntranceOptions } from "@/hooks/entrance-options.ts";
import { useEntrance, useIdentity } from "@/hooks/identity.ts";
import { passkeysSupported } from "@/hooks/passkey.ts";
import type { Resource } from "@/hooks/resource.ts";
import { useServices } from "@/hooks/services.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { IconButton } from "@/ui/icon-button.tsx";
import { Item, ItemList } from "@/ui/item.tsx";
import { Section } from "@/ui/section.tsx";
import { toast } from "@/ui/toast-store.ts";

import { Loaded } from "../shared/loaded.tsx";
import { useAsk } from "../shared/use-ask.tsx";
import { PasskeyDialog } from "./passkey-dialog.tsx";

/** The passkeys there are, and making another. */
export function PasskeySection({ resource }: { resource: Resource<Passkey[]> }) {
  const t = useT();
  const format = useFormat();
  const passkeys = useIdentity(Passkeys);
  const { keys } = useServices();
  const { options } = useEntranceOptions(useEntrance());
  const { ask, window } = useAsk();
  const [editing, setEditing] = useState<Passkey | "new" | null>(null);

  const remove = (key: Passkey): void =>
    ask({
      title: t("security.removePasskeyTitle", { name: key.name }),
      text: t("security.removePasskeyText"),
      confirm: t("security.remove"),
      work: async () => {
        await passkeys.remove(key.id);
        resource.set((all) => all.filter((each) => each.id !== key.id));
        toast(t("security.passkeyRemoved"), "good");
        // With it goes the key to messages that it kept: then the reminder comes again.
        keys.desk().then((desk) => desk.lookAtWays()).catch(() => {});
      },
    });

  return (
    <Section title={t("security.passkeys")}>
      <p className="text-ink-soft text-pretty">{t("security.passkeysText")}</p>
      <Loaded resource={resource} label={t("security.loading")} rows={1}>
        {(all) =>
          all.length > 0 && (
            <ItemList label={t("security.passkeys")}>
              {all.map((each) => (
                <Item
                  key={each.id}
                  icon={Fingerprint}
                  title={each.name}
                  text={
                    each.lastUsedAt === null
                      ? t("security.addedNotUsed", { date: format.date(each.createdAt) })
                      : t("security.addedUsed", { date: format.date(each.createdAt), when: format.ago(each.lastUsedAt) })
                  }
                >
                  <IconButton icon={Pencil} label={t("security.renameOf", { name: each.name })} onClick={() => setEditing(each)} />
                  <IconButton icon={Trash2} label={t("security.removeOf", { name: each.name })} onClick={() => remove(each)} />
                </Item>
              ))}
            </ItemList>
          )
        }
      </Loaded>
      {options?.passkeys !== false && passkeysSupported() ? (
        <div>
          <Button look="soft" disabled={!options} onClick={() => setEditing("new")}>
            <Plus aria-hidden="true" />
            {t("security.addPasskey")}
          </Button>
        </div>
      ) : (
        <p className="text-sm text-ink-soft">{t(passkeysSupported() ? "security.noPasskeysThere" : "security.noPasskeysHere")}</p>
      )}
      <PasskeyDialog editing={editing} onClose={() => setEditing(null)} onChanged={() => resource.reload()} />
      {window}
    </Section>
  );
}

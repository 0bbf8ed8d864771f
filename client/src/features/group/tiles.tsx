import { Archive, BellOff, Pin, type LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";

import type { ChatDetail } from "@/core/services.ts";
import { MUTES, useUntil } from "@/hooks/mutes.ts";
import { useWish } from "@/hooks/wishes.ts";
import { useT } from "@/i18n/index.ts";
import { cx } from "@/ui/cx.ts";
import { Menu } from "@/ui/menu.tsx";

/** Mute, pin, archive: what the person wants of this chat, for themselves. */
export function Tiles({ chat }: { chat: ChatDetail }) {
  const t = useT();
  const wish = useWish();
  const until = useUntil();
  if (chat.membership === "gone") return null;
  const mutedUntil = chat.mutedUntil;
  const pinned = chat.pinned !== null && !chat.archived;
  return (
    <div className="mx-4 flex flex-col gap-2 sm:mx-6">
      <div role="group" aria-label={t("wishes.tiles")} className="grid grid-cols-3 gap-2">
        {mutedUntil === null ? (
          <Menu
            align="start"
            trigger={<Tile icon={BellOff} label={t("wishes.mute")} />}
            items={MUTES.map(({ label, until: end }) => ({
              label: t(label),
              onSelect: () => wish(chat.id, { do: "mute", until: end() }),
            }))}
          />
        ) : (
          <Tile on icon={BellOff} label={t("wishes.muted")} onClick={() => wish(chat.id, { do: "mute", until: null })} />
        )}
        <Tile
          on={pinned}
          icon={Pin}
          label={t(pinned ? "wishes.pinned" : "wishes.pinShort")}
          onClick={() => wish(chat.id, { do: "pin", on: !pinned })}
        />
        <Tile
          on={chat.archived}
          icon={Archive}
          label={t(chat.archived ? "wishes.archivedShort" : "wishes.archiveShort")}
          onClick={() => wish(chat.id, { do: "archive", on: !chat.archived })}
        />
      </div>
      {mutedUntil !== null && (
        <p className="text-center text-sm text-ink-soft">{until(mutedUntil)}</p>
      )}
    </div>
  );
}

type TileProps = Omit<ComponentProps<"button">, "className"> & { icon: LucideIcon; label: string; on?: boolean };

/** A switch as a tile; `on` is filled. */
function Tile({ icon: Icon, label, on, ...rest }: TileProps) {
  return (
    <button
      type="button"
      aria-pressed={on}
      {...rest}
      className={cx(
        "flex min-h-16 min-w-0 flex-col items-center justify-center gap-1.5 rounded-lg px-2 py-2.5 text-sm font-medium transition-colors",
        on ? "bg-brand text-on-brand hover:bg-brand-hover" : "bg-brand-soft text-on-brand-soft hover:bg-pressed",
      )}
    >
      <Icon aria-hidden="true" className="size-5 shrink-0" />
      <span className="max-w-full truncate">{label}</span>
    </button>
  );
}

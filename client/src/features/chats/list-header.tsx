import { SquarePen } from "lucide-react";

import { useMe } from "@/hooks/me.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { LogoMark } from "@/ui/logo.tsx";
import { Tooltip } from "@/ui/tooltip.tsx";

export interface ListHeaderProps {
  onNew: () => void;
  onSettings: () => void;
}

/** The mark, what this is, and the two ways on. On a phone the way to a new chat floats where the thumb is. */
export function ListHeader({ onNew, onSettings }: ListHeaderProps) {
  const t = useT();
  const me = useMe();
  return (
    <header className="pad-safe-top shrink-0">
      <div className="flex h-16 items-center gap-3 ps-4 pe-3">
        <LogoMark size="sm" />
        <h1 className="min-w-0 flex-1 truncate text-xl font-bold tracking-tight">{t("chats.title")}</h1>
        <Tooltip text={t("chats.new")}>
          <button
            type="button"
            aria-label={t("chats.new")}
            onClick={onNew}
            className={
              "inline-flex items-center justify-center bg-brand text-on-brand transition-colors hover:bg-brand-hover " +
              "fixed end-4 bottom-[calc(1rem+env(safe-area-inset-bottom))] z-20 size-14 rounded-xl shadow-raised " +
              "min-[900px]:static min-[900px]:size-10 min-[900px]:rounded-full min-[900px]:shadow-none min-[900px]:pointer-coarse:size-11"
            }
          >
            <SquarePen aria-hidden="true" className="size-6 min-[900px]:size-5" />
          </button>
        </Tooltip>
        <Tooltip text={t("chats.settings")}>
          <button
            type="button"
            aria-label={t("chats.settings")}
            onClick={onSettings}
            className="inline-flex size-11 items-center justify-center rounded-full transition-colors hover:bg-pressed"
          >
            <Avatar id={me?.id ?? ""} name={me?.displayName ?? ""} src={me?.avatar ?? null} size="sm" />
          </button>
        </Tooltip>
      </div>
    </header>
  );
}

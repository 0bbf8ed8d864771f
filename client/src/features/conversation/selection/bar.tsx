import { Copy, Flag, Forward, Trash2, X, type LucideIcon } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";

import { MAX_ATTACHED } from "@/core/limits.ts";
import type { MessageItem } from "@/core/services.ts";
import { useMe } from "@/hooks/me.ts";
import { useNames } from "@/hooks/people.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { IconButton } from "@/ui/icon-button.tsx";
import { LiveRegion } from "@/ui/live-region.tsx";
import { toast } from "@/ui/toast-store.ts";

import type { Asks } from "../asks.ts";
import { ForwardDialog } from "../forward.tsx";
import { RemoveDialog } from "../remove.tsx";
import { hasWords, transcript } from "./transcript.ts";

export interface BarProps {
  messages: readonly MessageItem[];
  asks: Asks;
  onLeave: () => void;
}

/** In the place of the composer: how many messages are chosen, and what can be done with all of them. */
export function Bar({ messages, asks, onLeave }: BarProps) {
  const t = useT();
  const me = useMe();
  const format = useFormat();
  const names = useNames(messages.map((each) => each.senderId));
  const [open, setOpen] = useState<"forward" | "remove" | null>(null);
  useEscape(onLeave);

  const count = messages.length;
  const worded = messages.filter(hasWords);
  const mayGo = messages.filter((each) => asks.moderates || (each.mine && asks.writes));
  const others = messages.filter((each) => !each.mine);
  const reports = others.length > 0 && others.length <= MAX_ATTACHED && new Set(others.map((each) => each.senderId)).size === 1;
  const close = (): void => setOpen(null);
  const nameOf = (id: string): string => (id === me?.id ? me.displayName : (names.get(id) ?? t("conversation.someone")));

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(transcript(worded, nameOf, format));
      toast(t("conversation.copiedMany", { count: worded.length }), "good");
      onLeave();
    } catch {
      toast(t("conversation.copyFailed"), "danger");
    }
  }

  return (
    <div role="group" aria-label={t("conversation.selection")} className="pad-safe-bottom border-t border-line bg-surface">
      <LiveRegion text={t("conversation.selected", { count })} />
      <div className="mx-auto flex min-h-16 max-w-4xl items-center gap-1 px-3 py-2.5">
        <IconButton icon={X} label={t("conversation.stopSelecting")} onClick={onLeave} />
        <p aria-hidden="true" className="min-w-0 flex-1 truncate px-1 font-semibold tabular-nums">
          {t("conversation.selected", { count })}
        </p>
        <Way icon={Copy} label={t("conversation.copyMany")} disabled={worded.length === 0} onPress={() => void copy()} />
        <Way icon={Forward} label={t("conversation.forward")} disabled={worded.length === 0} onPress={() => setOpen("forward")} />
        <Way
          icon={Flag}
          label={t("blocks.report")}
          disabled={!reports}
          onPress={() => {
            onLeave();
            asks.report(others);
          }}
        />
        <Way icon={Trash2} danger label={t("conversation.deleteMany")} disabled={mayGo.length === 0} onPress={() => setOpen("remove")} />
      </div>
      {open === "forward" && <ForwardDialog messages={worded} myId={asks.myId} onClose={close} onDone={onLeave} />}
      {open === "remove" && <RemoveDialog messages={mayGo} staying={count - mayGo.length} onClose={close} onDone={onLeave} />}
    </div>
  );
}

interface WayProps {
  icon: LucideIcon;
  label: string;
  danger?: boolean;
  disabled: boolean;
  onPress: () => void;
}

/** With its word where there is room for it. */
function Way({ icon: Icon, label, danger = false, disabled, onPress }: WayProps) {
  return (
    <Button look={danger ? "quiet-danger" : "quiet"} size="sm" disabled={disabled} onClick={onPress}>
      <Icon aria-hidden="true" />
      <span className="max-sm:sr-only">{label}</span>
    </Button>
  );
}

/** Escape leaves from wherever the focus is, but first closes what is open above, and clears a field one writes in. */
function useEscape(onLeave: () => void): void {
  const leave = useEffectEvent(onLeave);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || document.querySelector("[role=dialog], [role=alertdialog], [role=menu]")) return;
      if (event.target instanceof HTMLElement && event.target.matches("textarea, input:not([type=checkbox])")) return;
      event.stopPropagation();
      leave();
    };
    document.addEventListener("keydown", press, true);
    return () => document.removeEventListener("keydown", press, true);
  }, []);
}

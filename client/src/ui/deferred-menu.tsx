import { Slot } from "radix-ui";
import { useEffect, useState } from "react";

import type { Menu as MenuType, MenuProps } from "./menu.tsx";

/** The works of the menu, once they are here; a failed fetch may be tried again. */
let works: typeof MenuType | null = null;
async function load(): Promise<typeof MenuType> {
  works ??= (await import("./menu.tsx")).Menu;
  return works;
}
/** Ahead of time: if it fails, the press that needs it will say so. */
const prepare = (): void => void load().catch(() => null);

export interface DeferredMenuProps extends MenuProps {
  /** The menu cannot be fetched: the network is gone, or the app was updated. Say so; the next press tries again. */
  onUnavailable: (error: unknown) => void;
}

/**
 * A `Menu` whose works are fetched when a hand comes near its button, and mounted when it first opens: for places that
 * belong to the first load, and for long lists, where most menus are never opened.
 */
export function DeferredMenu({ open: wanted, onOpenChange, onUnavailable, ...rest }: DeferredMenuProps) {
  const [inner, setInner] = useState(false);
  const [mounted, setMounted] = useState(false);
  const open = wanted ?? inner;
  const change = (next: boolean): void => {
    setInner(next);
    onOpenChange?.(next);
  };

  useEffect(() => {
    if (!open || mounted) return;
    let current = true;
    load().then(
      () => current && setMounted(true),
      (error: unknown) => {
        if (!current) return;
        setInner(false);
        onOpenChange?.(false);
        onUnavailable(error);
      },
    );
    return () => void (current = false);
  }, [open, mounted, onOpenChange, onUnavailable]);

  const Menu = works;
  if (mounted && Menu) return <Menu open={open} onOpenChange={change} {...rest} />;
  return (
    <Slot.Root
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={() => change(true)}
      onKeyDown={(event) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        change(true);
      }}
    >
      {rest.trigger}
    </Slot.Root>
  );
}

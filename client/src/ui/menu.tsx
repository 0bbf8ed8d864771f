import type { LucideIcon } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import { useRef, type ReactElement } from "react";
import { cx } from "./cx.ts";

export interface MenuItem {
  label: string;
  icon?: LucideIcon;
  onSelect: () => void;
  /** Shown in red, after a rule. */
  danger?: boolean;
  disabled?: boolean;
  /** It opens a window: that waits until the menu is gone, and then gives the focus back to the menu's button. */
  opensWindow?: boolean;
}

/** One of a row of pictures above the list. */
export interface QuickItem {
  text: string;
  label: string;
  chosen: boolean;
  onSelect: () => void;
}

export interface MenuProps {
  trigger: ReactElement;
  items: readonly MenuItem[];
  quick?: readonly QuickItem[];
  align?: "start" | "end";
  /** With `onOpenChange`: for menus that something else opens, too (a long press, the right button). */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

const NONE: readonly QuickItem[] = [];

/** A list of things to do that opens from a button; arrow keys, type-ahead and Escape as everywhere. */
export function Menu({ trigger, items, quick = NONE, align = "end", open, onOpenChange }: MenuProps) {
  const harmless = items.filter((item) => !item.danger);
  const dangerous = items.filter((item) => item.danger);
  const later = useRef<(() => void) | null>(null);
  const select = ({ opensWindow = false, onSelect }: MenuItem): void => {
    if (opensWindow) later.current = onSelect;
    else onSelect();
  };
  return (
    // Not modal: a modal menu hides everything else from screen readers through inline styles on siblings and locks scrolling.
    <Radix.Root modal={false} {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          data-surface
          align={align}
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={() => {
            const run = later.current;
            later.current = null;
            // The focus is put on the button after this handler.
            if (run) setTimeout(run);
          }}
          className="z-50 min-w-52 origin-[var(--radix-dropdown-menu-content-transform-origin)] animate-rise rounded-lg bg-raised p-1.5 text-ink shadow-overlay"
        >
          {quick.length > 0 && (
            <div className="mb-1 flex justify-between border-b border-line pb-1">
              {quick.map(({ text, label, chosen, onSelect }) => (
                <Radix.Item
                  key={text}
                  aria-label={label}
                  textValue=""
                  onSelect={onSelect}
                  className={cx(
                    "flex size-10 cursor-pointer items-center justify-center rounded-full text-xl outline-none select-none data-highlighted:bg-hover pointer-coarse:size-11",
                    chosen && "bg-brand-soft",
                  )}
                >
                  <span aria-hidden="true">{text}</span>
                </Radix.Item>
              ))}
            </div>
          )}
          {harmless.map((item) => (
            <Item key={item.label} {...item} onSelect={() => select(item)} />
          ))}
          {harmless.length > 0 && dangerous.length > 0 && <Radix.Separator className="mx-2 my-1 h-px bg-line" />}
          {dangerous.map((item) => (
            <Item key={item.label} {...item} onSelect={() => select(item)} />
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Item({ label, icon: Icon, onSelect, danger = false, disabled = false }: MenuItem) {
  return (
    <Radix.Item
      disabled={disabled}
      onSelect={onSelect}
      className={cx(
        "flex h-10 cursor-pointer items-center gap-3 rounded-md px-3 text-sm font-medium outline-none select-none pointer-coarse:h-12",
        "data-disabled:cursor-default data-disabled:opacity-50",
        danger ? "text-danger data-highlighted:bg-danger-soft" : "data-highlighted:bg-hover",
      )}
    >
      {Icon && <Icon aria-hidden="true" className="size-4.5 shrink-0" />}
      {label}
    </Radix.Item>
  );
}

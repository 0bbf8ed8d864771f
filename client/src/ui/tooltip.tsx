import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";

/** Wrap the app in it once; moving from one tooltip to the next shows the second at once. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={500} skipDelayDuration={200}>
      {children}
    </Radix.Provider>
  );
}

/** Words for a thing that has only an icon, on hover and keyboard focus. `children` is one focusable element. */
export function Tooltip({ text, children }: { text: string; children: ReactNode }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          sideOffset={6}
          collisionPadding={8}
          className="pointer-events-none z-50 max-w-60 animate-appear rounded-sm bg-ink px-2.5 py-1 text-xs font-medium text-canvas select-none"
        >
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

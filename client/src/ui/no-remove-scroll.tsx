// Stands in for `react-remove-scroll` (aliased in vite.config.ts). Radix locks the page's scrolling through it, and it does
// so by injecting a <style> element, which `style-src 'self'` refuses. Our page never scrolls, its panes do, so there is
// nothing to lock.
import { Fragment, type ElementType, type ReactNode } from "react";

interface RemoveScrollProps {
  as?: ElementType;
  children?: ReactNode;
}

/** Renders the children, inside `as` when Radix asks for its slot. */
export function RemoveScroll({ as: As, children }: RemoveScrollProps): ReactNode {
  return As ? <As>{children}</As> : <Fragment>{children}</Fragment>;
}

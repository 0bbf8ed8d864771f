/** Three dots that talk. Decorative: who is typing is said in words beside or in a live region. */
export function TypingDots() {
  return (
    <span aria-hidden="true" className="inline-flex items-center gap-1">
      <span className="size-1.5 animate-talk rounded-full bg-current" />
      <span className="size-1.5 animate-talk rounded-full bg-current [animation-delay:160ms]" />
      <span className="size-1.5 animate-talk rounded-full bg-current [animation-delay:320ms]" />
    </span>
  );
}

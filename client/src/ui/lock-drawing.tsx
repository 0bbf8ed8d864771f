/** Two bubbles, one of them closed with a lock: messages that cannot be opened here. */
export function LockDrawing() {
  return (
    <svg viewBox="0 0 160 112" aria-hidden="true" className="h-28 w-40">
      <rect x="20" y="12" width="120" height="6" rx="3" className="fill-marigold" />
      <path
        d="M34 30h62a14 14 0 0 1 14 14v16a14 14 0 0 1-14 14H52l-12.2 9.4A2.4 2.4 0 0 1 36 81.5V74h-2a14 14 0 0 1-14-14V44a14 14 0 0 1 14-14Z"
        className="fill-brand-soft"
      />
      <path d="M38 46h46M38 58h28" className="stroke-on-brand-soft" strokeWidth="4.5" strokeLinecap="round" fill="none" opacity="0.45" />
      <path d="M99 70v-9a13 13 0 0 1 26 0v9" className="stroke-own" strokeWidth="6" strokeLinecap="round" fill="none" />
      <rect x="90" y="68" width="44" height="34" rx="9" className="fill-own" />
      <circle cx="112" cy="82" r="4.5" className="fill-on-own" />
      <path d="M112 84v8" className="stroke-on-own" strokeWidth="4.5" strokeLinecap="round" />
    </svg>
  );
}

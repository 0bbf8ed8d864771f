// Small drawings for places where nothing is yet: speech bubbles hanging from the headline of Devanagari, like the mark.

/** Two bubbles that wait for a first word. */
export function TalkDrawing() {
  return (
    <svg viewBox="0 0 160 112" aria-hidden="true" className="h-28 w-40">
      <rect x="20" y="12" width="120" height="6" rx="3" className="fill-marigold" />
      <path
        d="M34 30h62a14 14 0 0 1 14 14v16a14 14 0 0 1-14 14H52l-12.2 9.4A2.4 2.4 0 0 1 36 81.5V74h-2a14 14 0 0 1-14-14V44a14 14 0 0 1 14-14Z"
        className="fill-brand-soft"
      />
      <g className="fill-on-brand-soft">
        <circle cx="49" cy="52" r="4" />
        <circle cx="65" cy="52" r="4" />
        <circle cx="81" cy="52" r="4" />
      </g>
      <path
        d="M92 58h34a14 14 0 0 1 14 14v9a14 14 0 0 1-14 14v6.3a2.3 2.3 0 0 1-3.8 1.75L112 95H92a14 14 0 0 1-14-14v-9a14 14 0 0 1 14-14Z"
        className="fill-own"
      />
      <path d="M94 71h30M94 82h18" className="stroke-on-own-soft" strokeWidth="4.5" strokeLinecap="round" fill="none" />
    </svg>
  );
}

/** A glass over a name that is not there. */
export function SearchDrawing() {
  return (
    <svg viewBox="0 0 160 112" aria-hidden="true" className="h-28 w-40">
      <rect x="20" y="12" width="120" height="6" rx="3" className="fill-marigold" />
      <rect x="20" y="32" width="92" height="28" rx="14" className="fill-pressed" />
      <circle cx="36" cy="46" r="7" className="fill-line-strong" opacity="0.55" />
      <path d="M52 46h34" className="stroke-line-strong" strokeWidth="5" strokeLinecap="round" opacity="0.55" />
      <circle cx="98" cy="66" r="22" className="fill-brand-soft stroke-brand" strokeWidth="6" />
      <path d="m115 83 16 16" className="stroke-brand" strokeWidth="8" strokeLinecap="round" />
      <path d="M90 66h16" className="stroke-on-brand-soft" strokeWidth="5" strokeLinecap="round" />
    </svg>
  );
}

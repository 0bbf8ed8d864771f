/** A link among text. */
export const linkClass =
  "inline-flex min-h-6 items-center rounded-sm font-semibold text-brand underline decoration-2 underline-offset-4 hover:text-brand-hover pointer-coarse:min-h-11";

/** 2026-03-03 in the person's own time zone; Swedish dates are written like that. */
export const localDate = (at: number): string => new Date(at).toLocaleDateString("sv");

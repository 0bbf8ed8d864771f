import { clsx, type ClassValue } from "clsx";

/** Joins class names. Components are closed (callers choose variants, not classes), so no merging of conflicts is needed. */
export function cx(...parts: ClassValue[]): string {
  return clsx(parts);
}

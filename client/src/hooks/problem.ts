// Errors in the person's language.

import { useMemo } from "react";

import { asApiError } from "@/core/errors.ts";
import { useLanguage, useT, type Key } from "@/i18n/index.ts";

/**
 * The sentence for whatever was thrown, or for a failure that was kept with a message. The server speaks English and is
 * often more exact than its code, so English shows its sentence; other languages show that of the code, where there is one.
 */
export function useProblem(): (error: unknown) => string {
  const t = useT();
  const language = useLanguage();
  return useMemo(
    () => (error) => {
      const { code, message } = isFailure(error) ? error : asApiError(error);
      const key = `problems.${code}` as Key;
      const said = t(key);
      // Without words for it, the answer is the key itself.
      return language === "en" || said === key ? message : said;
    },
    [t, language],
  );
}

function isFailure(error: unknown): error is { code: string; message: string } {
  if (typeof error !== "object" || error === null) return false;
  const { code, message } = error as Partial<Record<string, unknown>>;
  return typeof code === "string" && typeof message === "string";
}

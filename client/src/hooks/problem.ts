// Errors in the person's language.

import { useMemo } from "react";

import { asApiError } from "@/core/errors.ts";
import { useLanguage, useT } from "@/i18n/index.ts";
import en from "@/i18n/en.json";

const CODES = en.problems;

const isKnown = (code: string): code is keyof typeof CODES => Object.hasOwn(CODES, code);

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
      return language !== "en" && isKnown(code) ? t(`problems.${code}`) : message;
    },
    [t, language],
  );
}

function isFailure(error: unknown): error is { code: string; message: string } {
  if (typeof error !== "object" || error === null) return false;
  const { code, message } = error as Partial<Record<string, unknown>>;
  return typeof code === "string" && typeof message === "string";
}

import { useT } from "@/i18n/index.ts";
import en from "@/i18n/en.json";

const CODES = en.problems;
const isKnown = (code: string): code is keyof typeof CODES => Object.hasOwn(CODES, code);

/** The sentence for a code that came in an address, where there are no words of the server's beside it. */
export function useArrivalProblem(): (code: string) => string {
  const t = useT();
  return (code) => t(isKnown(code) ? `problems.${code}` : "problems.provider_refused");
}

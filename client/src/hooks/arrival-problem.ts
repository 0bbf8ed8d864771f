import { useT, type Key } from "@/i18n/index.ts";

/** The sentence for a code that came in an address, where there are no words of the server's beside it. */
export function useArrivalProblem(): (code: string) => string {
  const t = useT();
  return (code) => {
    const key = `problems.${code}` as Key;
    const said = t(key);
    return said === key ? t("problems.provider_refused") : said;
  };
}

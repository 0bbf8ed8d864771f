import { useT } from "@/i18n/index.ts";

/** Between the usual way and the others. */
export function Or() {
  const t = useT();
  return (
    <div className="my-6 flex items-center gap-4 text-sm text-ink-soft">
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
      {t("auth.or")}
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
    </div>
  );
}

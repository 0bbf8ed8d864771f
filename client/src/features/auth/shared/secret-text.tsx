import { useT } from "@/i18n/index.ts";
import { CopyButton } from "@/ui/copy-button.tsx";
import { toast } from "@/ui/toast-store.ts";

/** Copies, or says that the browser does not allow it. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const t = useT();
  return (
    <CopyButton
      text={text}
      label={label ?? t("forms.copy")}
      copiedLabel={t("forms.copied")}
      onFailed={() => toast(t("forms.copyFailed"), "danger")}
    />
  );
}

/** Something to be copied by hand or by button, such as a key; it wraps anywhere and is selected whole. */
export function SecretText({ text, label }: { text: string; label: string }) {
  return (
    <div>
      <p className="sr-only">{label}</p>
      <p data-secret className="rounded-md bg-sunken px-4 py-3 font-mono text-sm wrap-anywhere text-ink select-all">
        {text}
      </p>
    </div>
  );
}

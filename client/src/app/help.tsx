import { useCallback, useState, type ComponentType, type ReactNode } from "react";

import { useT } from "@/i18n/index.ts";
import { toast } from "@/ui/toast-store.ts";

import { withWords } from "./on-demand.tsx";

/** The sheet of the keyboard map, and how to open it. Its code is fetched when somebody asks for it. */
export function useHelp(): { open: () => void; sheet: ReactNode } {
  const t = useT();
  const [Sheet, setSheet] = useState<ComponentType<{ onClose: () => void }> | null>(null);
  const fetched = async (): Promise<void> => {
    try {
      const { KeyboardSheet } = await withWords(import("@/features/settings/index.ts"), "settings");
      setSheet(() => KeyboardSheet);
    } catch {
      toast(t("app.unavailableTitle"), "danger");
    }
  };
  const close = useCallback(() => setSheet(null), []);
  return { open: () => void fetched(), sheet: Sheet && <Sheet onClose={close} /> };
}

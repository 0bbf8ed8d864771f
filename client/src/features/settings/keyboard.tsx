import { useT, type Key } from "@/i18n/index.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { Section } from "@/ui/section.tsx";

/** Keys pressed together and what they do. */
interface Shortcut {
  /** As written on the keys; "Mod" is ⌘ on Apple's keyboards and Ctrl elsewhere. */
  keys: readonly string[];
  label: Key;
}

/** What app/shortcuts.ts listens to, the composer, and a message that has the focus. */
const SHORTCUTS: readonly Shortcut[] = [
  { keys: ["Mod", "K"], label: "settings.keySearch" },
  { keys: ["Mod", "F"], label: "settings.keyFind" },
  { keys: ["Alt", "N"], label: "settings.keyNew" },
  { keys: ["Alt", "↑"], label: "settings.keyPrevious" },
  { keys: ["Alt", "↓"], label: "settings.keyNext" },
  { keys: ["Mod", ","], label: "settings.keySettings" },
  { keys: ["Mod", "/"], label: "settings.keyHelp" },
  { keys: ["Shift", "F10"], label: "settings.keyMenu" },
  { keys: ["Esc"], label: "settings.keyBack" },
  { keys: ["Enter"], label: "settings.keySend" },
  { keys: ["Shift", "Enter"], label: "settings.keyLine" },
  { keys: ["@"], label: "settings.keyMention" },
  { keys: [":"], label: "settings.keyEmoji" },
  { keys: ["↑"], label: "settings.keyEditLast" },
  { keys: ["R"], label: "settings.keyReply" },
  { keys: ["+"], label: "settings.keyReact" },
  { keys: ["E"], label: "settings.keyEdit" },
  { keys: ["F"], label: "settings.keyForward" },
  { keys: ["Shift", "↑"], label: "settings.keySelect" },
  { keys: ["Space"], label: "settings.keyChoose" },
  { keys: ["Del"], label: "settings.keyDelete" },
];

const APPLE: Readonly<Record<string, string>> = { Mod: "⌘", Alt: "⌥", Shift: "⇧" };
const isApple = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent);
const cap = (key: string): string => (isApple() ? (APPLE[key] ?? key) : key === "Mod" ? "Ctrl" : key);

/** The keys that the app listens to. */
export function Keyboard() {
  const t = useT();
  return (
    <Section title={t("settings.keyboard")}>
      <Keys />
    </Section>
  );
}

/** The same in a window, from wherever one is. */
export function KeyboardSheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <Dialog open onClose={onClose} title={t("settings.keyboard")} closeLabel={t("common.close")}>
      <div
        // Nothing in it takes the focus, and it is longer than most windows: it is scrolled by keyboard (WCAG 2.1.1).
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label={t("settings.keyboard")}
        className="px-6 pb-5 focus-visible:-outline-offset-2"
      >
        <Keys />
      </div>
    </Dialog>
  );
}

function Keys() {
  const t = useT();
  return (
    <dl className="flex flex-col divide-y divide-line">
      {SHORTCUTS.map(({ keys, label }) => (
        <div key={label} className="flex items-center justify-between gap-4 py-2 first:pt-0 last:pb-0">
          <dt>{t(label)}</dt>
          <dd className="flex shrink-0 gap-1">
            {keys.map((key) => (
              <kbd
                key={key}
                className="inline-flex h-7 min-w-7 items-center justify-center rounded-sm border border-line bg-sunken px-2 font-sans text-xs font-semibold text-ink-soft"
              >
                {cap(key)}
              </kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

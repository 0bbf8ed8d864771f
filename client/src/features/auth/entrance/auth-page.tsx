import { ArrowLeft, CloudOff, EyeOff, MonitorSmartphone, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import { chooseLanguage, LANGUAGES, useLanguage, useT } from "@/i18n/index.ts";
import { IconButton } from "@/ui/icon-button.tsx";
import { LogoGlyph, Wordmark } from "@/ui/logo.tsx";

const names = Object.entries(LANGUAGES).map(([tag, { name }]) => ({ tag: tag as keyof typeof LANGUAGES, name }));

export interface AuthPageProps {
  title: string;
  /** Under the title: what this page is for. */
  text?: ReactNode;
  /** Above the title: how far one has come. */
  steps?: ReactNode;
  /** One step back, where there is one. */
  onBack?: (() => void) | undefined;
  children: ReactNode;
  footer?: ReactNode;
}

/** The ground of the pages for who is not signed in: on wide windows the house's front on the left, the form on the right. */
export function AuthPage({ title, text, steps, onBack, children, footer }: AuthPageProps) {
  const t = useT();
  return (
    <div className="grid h-full overflow-y-auto bg-surface min-[900px]:grid-cols-[minmax(22rem,5fr)_7fr]">
      <Front />
      <div className="flex min-h-full flex-col px-5 pad-safe-bottom sm:px-10">
        <header className="pad-safe-top">
          <div className="flex items-center justify-between gap-4 py-4">
            <span className="min-[900px]:invisible">
              <Wordmark name={t("common.appName")} script={t("common.appScript")} />
            </span>
            <Languages />
          </div>
        </header>
        <main className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center pt-4 pb-10 max-sm:justify-start">
          {(steps ?? onBack) && (
            <div className="mb-5 flex min-h-10 items-center gap-2">
              {onBack && (
                <span className="-ms-2.5">
                  <IconButton icon={ArrowLeft} label={t("common.back")} tooltip={false} onClick={onBack} />
                </span>
              )}
              <div className="flex-1">{steps}</div>
            </div>
          )}
          <h1 className="shirorekha text-2xl font-bold tracking-tight text-ink">{title}</h1>
          {text && <p className="mt-2 text-ink-soft text-pretty wrap-anywhere">{text}</p>}
          <div className="mt-6">{children}</div>
          {footer && <p className="mt-6 flex flex-wrap items-center gap-x-2 text-ink-soft">{footer}</p>}
        </main>
      </div>
    </div>
  );
}

function Front() {
  const t = useT();
  return (
    <aside className="relative flex flex-col justify-between gap-10 overflow-hidden bg-plum p-10 text-on-plum max-[899px]:hidden">
      <Wordmark name={t("common.appName")} script={t("common.appScript")} on="plum" />
      <svg
        viewBox="0 0 48 48"
        aria-hidden="true"
        className="pointer-events-none absolute -end-[38%] -top-[6%] w-[115%] opacity-[0.09]"
      >
        <LogoGlyph />
      </svg>
      <div className="relative max-w-md">
        <p className="shirorekha text-3xl font-bold tracking-tight text-balance">{t("auth.tagline")}</p>
        <p className="mt-4 text-lg text-on-plum-soft text-pretty">{t("auth.taglineText")}</p>
      </div>
      <ul className="relative flex max-w-md flex-col gap-3.5 text-on-plum-soft">
        <Point icon={CloudOff} text={t("auth.point1")} />
        <Point icon={MonitorSmartphone} text={t("auth.point2")} />
        <Point icon={EyeOff} text={t("auth.point3")} />
      </ul>
    </aside>
  );
}

function Point({ icon: Icon, text }: { icon: LucideIcon; text: string }) {
  return (
    <li className="flex items-start gap-3">
      <Icon aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-marigold" strokeWidth={1.75} />
      <span className="text-pretty">{text}</span>
    </li>
  );
}

/** Before anybody is signed in there are no settings: the language is here. */
function Languages() {
  const t = useT();
  const spoken = useLanguage();
  return (
    <div role="group" aria-label={t("auth.language")} className="flex gap-1">
      {names.map(({ tag, name }) => (
        <button
          key={tag}
          type="button"
          lang={tag}
          aria-pressed={tag === spoken}
          onClick={() => void chooseLanguage(tag)}
          className="h-9 rounded-full px-3 text-sm font-medium text-ink-soft transition-colors hover:bg-hover hover:text-ink aria-pressed:bg-brand-soft aria-pressed:text-on-brand-soft pointer-coarse:h-11"
        >
          {name}
        </button>
      ))}
    </div>
  );
}

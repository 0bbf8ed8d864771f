import { RotateCw } from "lucide-react";
import { Component, type ReactNode } from "react";

import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { EmptyState } from "@/ui/empty-state.tsx";

import { ScreenUnavailable } from "./on-demand.tsx";

interface Props {
  children: ReactNode;
}

/** Keeps a broken piece of the screen from taking the rest with it, and says how to go on. */
export class ErrorBoundary extends Component<Props, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error: error ?? new Error("nothing was thrown") };
  }

  override render(): ReactNode {
    return this.state.error === null ? this.props.children : <Broken error={this.state.error} />;
  }
}

function Broken({ error }: { error: unknown }) {
  const t = useT();
  const missing = error instanceof ScreenUnavailable;
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return (
    <div role="alert" className="flex h-full min-w-0 flex-1 flex-col items-center justify-center overflow-y-auto bg-canvas">
      <EmptyState
        title={missing ? t("app.unavailableTitle") : t("app.crashTitle")}
        text={missing ? t("app.unavailableText") : t("app.crashText")}
        action={
          <Button onClick={() => location.reload()}>
            <RotateCw aria-hidden="true" />
            {t("common.reload")}
          </Button>
        }
      />
      <details className="w-full max-w-lg px-6 pb-10 text-sm text-ink-soft">
        <summary className="min-h-11 font-semibold">{t("app.details")}</summary>
        <pre className="mt-2 max-h-60 overflow-auto rounded-md bg-sunken p-3 text-xs whitespace-pre-wrap select-text">{details}</pre>
      </details>
    </div>
  );
}

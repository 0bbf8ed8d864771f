import type { SearchState } from "@/core/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Progress } from "@/ui/progress.tsx";
import { Trouble } from "@/ui/trouble.tsx";

export interface BuildingProps {
  state: SearchState | null;
  failed: boolean;
  onRetry: () => void;
  onBuild: (on: boolean) => void;
}

/** Fewer messages than this are ready before anybody could read about it. */
const WORTH_TELLING = 1_000;

/** How much of what is here can be found so far; nothing once it is all. */
export function Building({ state, failed, onRetry, onBuild }: BuildingProps) {
  const t = useT();
  if (failed) {
    return (
      <div className="mx-4 mb-2">
        <Trouble
          action={
            <Button look="quiet" size="sm" onClick={onRetry}>
              {t("common.retry")}
            </Button>
          }
        >
          {t("search.failed")}
        </Trouble>
      </div>
    );
  }
  const stopped = state?.phase === "stopped";
  if (!state || !(stopped || state.phase === "building") || state.total - state.done < (stopped ? 1 : WORTH_TELLING)) return null;
  const text = t(stopped ? "search.stopped" : "search.building", { done: state.done, total: state.total });
  return (
    <div className="mx-4 mb-2 flex flex-col gap-2 rounded-md bg-sunken px-3.5 py-2.5">
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 text-sm text-ink-soft text-pretty">{text}</p>
        <Button look="quiet" size="sm" onClick={() => onBuild(stopped)}>
          {t(stopped ? "common.continue" : "search.stop")}
        </Button>
      </div>
      <Progress value={state.done / Math.max(1, state.total)} label={text} />
    </div>
  );
}

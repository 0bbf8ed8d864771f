// A page that is walked through in steps, so that the browser's own back button goes one step back.

import { navigate, useHistoryState } from "wouter/use-browser-location";

export interface Walk<Step extends string> {
  step: Step;
  /** Goes on to a step, on top of this one. */
  go: (step: Step) => void;
  /** As `go`, instead of this one. */
  replace: (step: Step) => void;
  /** One step back, as the browser does it. */
  back: () => void;
}

/**
 * The step that the history stands at; `reachable` says which may be shown with what is known now (after a reload that is
 * only the first).
 */
export function useSteps<Step extends string>(
  steps: readonly [Step, ...Step[]],
  reachable: (step: Step) => boolean,
): Walk<Step> {
  const entry = useHistoryState<{ step?: unknown } | null>();
  const wanted = steps.find((step) => step === entry?.step) ?? steps[0];
  const move = (step: Step, replace: boolean): void => {
    const { pathname, search, hash } = location;
    navigate(pathname + search + hash, { replace, state: { ...(history.state as object | null), step } });
  };
  return {
    step: reachable(wanted) ? wanted : steps[0],
    go: (step) => move(step, false),
    replace: (step) => move(step, true),
    back: () => history.back(),
  };
}

// How one chat's log is followed: a pure state machine. Envelopes come live, in pages, twice, late and with gaps; what
// goes out are pieces that touch the cursor, in order, each once. See design D5.
//
//   applied ──▶ runs (fetched or live, contiguous) ──▶ have ──(gap)──▶ late (live, beyond the gap) … target
//
// At most one page is asked for and one piece is written at a time; while one piece is written the next page is fetched.

import type { Envelope } from "../contracts/index.ts";

/** Envelopes that are everything visible after `after`, ascending. */
export interface Run {
  after: number;
  envelopes: Envelope[];
}

export interface ChatLog {
  /** The cursor in the database; null: the chat is not known here yet. */
  applied: number | null;
  /** Ready to be written, in order; each begins where the one before ends. */
  runs: readonly Run[];
  /** The end of the runs, or `applied`. */
  have: number;
  /** The largest seq that is known to exist. */
  target: number;
  /** Live envelopes beyond a gap, by seq; bounded, since a fetch brings them anyway. */
  late: ReadonlyMap<number, Envelope>;
  fetching: boolean;
  writing: boolean;
  learning: boolean;
  /** Something failed: wait for `retry`. */
  stalled: boolean;
}

export type LogEvent =
  /** The cursor in the database, read at the start or after the chat was learned. */
  | { type: "known"; applied: number }
  | { type: "live"; envelope: Envelope }
  /** The server's log reaches this far. */
  | { type: "head"; seq: number }
  /** The answer to `fetch`. */
  | { type: "page"; after: number; envelopes: Envelope[]; hasMore: boolean }
  /** The answer to `write`: the cursor as it is now. */
  | { type: "written"; applied: number }
  /** A `fetch`, `write` or `learn` failed. */
  | { type: "failed"; what: "fetch" | "write" | "learn" }
  | { type: "retry" };

export type LogEffect =
  /** Get the page after this seq. */
  | { do: "fetch"; after: number }
  /** Open and store these; `last` is the end of them. */
  | { do: "write"; run: Run }
  /** Ask the server for the chat itself and store it; then tell `known`. */
  | { do: "learn" };

const MAX_LATE = 500;
const MAX_RUN = 500;
/** While one run is written, one more is fetched. */
const MAX_RUNS = 2;

export const emptyLog: ChatLog = {
  applied: null,
  runs: [],
  have: 0,
  target: 0,
  late: new Map(),
  fetching: false,
  writing: false,
  learning: false,
  stalled: false,
};

/** Whether everything that is known to exist is written. */
export const isSettled = (log: ChatLog): boolean =>
  !log.fetching && !log.writing && !log.learning && log.runs.length === 0 && (log.applied ?? 0) >= log.target;

/** One step: the next state, and what has to be done now. */
export function step(log: ChatLog, event: LogEvent): [ChatLog, LogEffect[]] {
  return act(take(log, event));
}

function take(log: ChatLog, event: LogEvent): ChatLog {
  switch (event.type) {
    case "known":
      return reset({ ...log, learning: false }, event.applied);
    case "live":
      return takeLive(log, event.envelope);
    case "head":
      return { ...log, target: Math.max(log.target, event.seq) };
    case "page":
      return takePage({ ...log, fetching: false }, event);
    case "written": {
      const [run, ...runs] = log.runs;
      const end = run ? endOf(run) : log.have;
      const next = { ...log, writing: false };
      // Another engine moved the cursor, or the rows were not taken: what is waiting does not touch it any more.
      return event.applied === end ? { ...next, applied: end, runs } : reset(next, event.applied);
    }
    case "failed": {
      const stalled = { ...log, stalled: true };
      if (event.what === "fetch") return { ...stalled, fetching: false };
      if (event.what === "learn") return { ...stalled, learning: false };
      return reset({ ...stalled, writing: false }, log.applied ?? 0);
    }
    case "retry":
      return { ...log, stalled: false };
  }
}

const endOf = (run: Run): number => run.envelopes.at(-1)?.seq ?? run.after;

/** Begins again from the cursor; live envelopes beyond it are kept. */
function reset(log: ChatLog, applied: number): ChatLog {
  const late = new Map([...log.late].filter(([seq]) => seq > applied));
  for (const run of log.runs) for (const each of run.envelopes) if (each.seq > applied) late.set(each.seq, each);
  return absorb({ ...log, applied, have: applied, runs: [], late: bounded(late) });
}

function takeLive(log: ChatLog, envelope: Envelope): ChatLog {
  const { seq } = envelope;
  if (log.applied !== null && seq <= log.have) return log;
  const late = bounded(new Map(log.late).set(seq, envelope));
  return absorb({ ...log, late, target: Math.max(log.target, seq) });
}

/** Drops the furthest: the fetch that closes the gap brings them. */
function bounded(late: Map<number, Envelope>): Map<number, Envelope> {
  if (late.size <= MAX_LATE) return late;
  return new Map([...late].toSorted(([one], [other]) => one - other).slice(0, MAX_LATE));
}

function takePage(log: ChatLog, page: { after: number; envelopes: Envelope[]; hasMore: boolean }): ChatLog {
  if (page.after !== log.have) return absorb(log); // asked before a reset
  const last = page.envelopes.at(-1)?.seq ?? page.after;
  if (last === page.after) {
    // Nothing visible follows. What was said to exist is not for us (it was before we joined), unless we have seen it
    // live: then the page was older than the frame, and asking again at once would only spin.
    return log.late.size > 0 ? { ...log, stalled: true } : { ...log, target: page.after };
  }
  // The server's page is everything visible after `after`, even if it does not begin right behind it (a new membership).
  const run = { after: page.after, envelopes: page.envelopes };
  const target = page.hasMore ? Math.max(log.target, last + 1) : log.target;
  return absorb({ ...log, runs: [...log.runs, run], have: last, target });
}

/** Moves live envelopes that touch the end behind it. */
function absorb(log: ChatLog): ChatLog {
  if (log.applied === null || log.fetching) return log;
  const ready: Envelope[] = [];
  let { have } = log;
  for (let next = log.late.get(have + 1); next; next = log.late.get(have + 1)) {
    ready.push(next);
    have += 1;
  }
  const late = new Map([...log.late].filter(([seq]) => seq > have));
  if (ready.length === 0) return late.size === log.late.size ? log : { ...log, late };
  const runs = [...log.runs];
  const tail = runs.at(-1);
  // The first run may be in the database's hands already.
  if (tail && runs.length > 1 && tail.envelopes.length + ready.length <= MAX_RUN)
    runs[runs.length - 1] = { ...tail, envelopes: [...tail.envelopes, ...ready] };
  else runs.push({ after: log.have, envelopes: ready });
  return { ...log, runs, late, have };
}

function act(log: ChatLog): [ChatLog, LogEffect[]] {
  const effects: LogEffect[] = [];
  let next = log;
  if (next.applied === null) {
    if (next.learning || next.stalled || next.target === 0) return [next, effects];
    return [{ ...next, learning: true }, [{ do: "learn" }]];
  }
  const [run] = next.runs;
  if (run && !next.writing && !next.stalled) {
    effects.push({ do: "write", run });
    next = { ...next, writing: true };
  }
  if (next.target > next.have && !next.fetching && !next.stalled && next.runs.length < MAX_RUNS) {
    effects.push({ do: "fetch", after: next.have });
    next = { ...next, fetching: true };
  }
  return [next, effects];
}

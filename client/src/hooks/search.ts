// Searching what is on this device, as one types.

import { useEffect, useState } from "react";

import type { Profile, SearchAnswer, SearchDesk, SearchQuery, SearchState } from "@/core/services.ts";

import { useServices } from "./services.ts";

/** Milliseconds in which news of what may be found are gathered. */
const GATHER = 300;
/** People that are offered. */
const PEOPLE = 5;
/** People whose messages may be looked for. */
const EVERYBODY = 500;

export interface Found extends SearchAnswer {
  people: readonly Profile[];
  /** What was asked: `askedBy` of the query. */
  asked: string;
}

export interface Search {
  /** The newest answer, perhaps still that to what was asked before. */
  found: Found | null;
  state: SearchState | null;
  /** All whom this device knows. */
  everybody: readonly Profile[];
  /** It broke, or its code could not be fetched. */
  failed: boolean;
  retry: () => void;
  /** Makes ready what is not yet, or no more of it for now. */
  build: (on: boolean) => void;
}

/** Tells one question from another. */
export const askedBy = (query: SearchQuery): string => JSON.stringify(query);

/** Answers while it is mounted; null asks nothing. */
export function useSearch(query: SearchQuery | null, limit: number): Search {
  const { search } = useServices();
  const [attempt, setAttempt] = useState(0);
  const [desk, setDesk] = useState<SearchDesk | null>(null);
  const [failed, setFailed] = useState(false);
  const [state, setState] = useState<SearchState | null>(null);
  const [turn, setTurn] = useState(0);
  const [found, setFound] = useState<Found | null>(null);
  const [everybody, setEverybody] = useState<readonly Profile[]>([]);
  const asked = query && askedBy(query);

  useEffect(() => {
    let over = false;
    let stop = (): void => {};
    const open = async (): Promise<void> => {
      try {
        const opened = await search.open();
        if (over) return opened.close();
        stop = follow(opened, setState, () => setTurn((count) => count + 1));
        setDesk(opened);
        const people = await opened.people("", EVERYBODY);
        if (!over) setEverybody(people);
      } catch {
        if (!over) setFailed(true);
      }
    };
    void open();
    return () => {
      over = true;
      stop();
    };
    // Another attempt begins anew.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [search, attempt]);

  useEffect(() => {
    if (!desk || asked === null) return;
    let over = false;
    const ask = async (): Promise<void> => {
      const wanted = JSON.parse(asked) as SearchQuery;
      try {
        const [answer, people] = await Promise.all([
          desk.find(wanted, limit),
          wanted.text === "" ? [] : desk.people(wanted.text, PEOPLE),
        ]);
        if (!over) setFound({ ...answer, people, asked });
      } catch {
        if (!over) setFailed(true);
      }
    };
    void ask();
    return () => {
      over = true;
    };
    // With every turn there may be another answer.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [desk, asked, limit, turn]);

  const retry = (): void => {
    setFailed(false);
    setDesk(null);
    setAttempt((count) => count + 1);
  };
  return { found, state, everybody, failed: failed || state?.phase === "failed", retry, build: (on) => desk?.build(on) };
}

/** Tells of the desk until the returned function is called, which also closes it. */
function follow(desk: SearchDesk, state: (now: SearchState) => void, changed: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const later = (): void => {
    timer ??= setTimeout(() => {
      timer = null;
      changed();
    }, GATHER);
  };
  const tell = (): void => state(desk.state.get());
  const stops = [desk.state.subscribe(tell), desk.turn.subscribe(later)];
  tell();
  return () => {
    if (timer !== null) clearTimeout(timer);
    for (const stop of stops) stop();
    desk.close();
  };
}

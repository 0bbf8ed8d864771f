// Finding people: those one talks to, from this device, and everybody else, from the server.

import { useEffect, useMemo, useState } from "react";

import type { Profile } from "@/core/services.ts";
import { matches } from "@/i18n/fold.ts";

import { useMe } from "./me.ts";
import { useProblem } from "./problem.ts";
import { useLive, useQuery, useServices } from "./services.ts";

/** Milliseconds without a key before the server is asked. */
const PAUSE = 250;

export interface PeopleSearch {
  /** Known people that match first, then the others; without a query the known people. undefined: not loaded yet. */
  people: readonly Profile[] | undefined;
  /** The server has not answered yet. */
  searching: boolean;
  /** Why the server could not be asked; known people are shown all the same. */
  problem: string | null;
  retry: () => void;
}

type Answer = { query: string; found: Profile[] } | { query: string; error: unknown };

/** Searches as one types; an answer that comes late for another query is not shown. Never includes oneself. */
export function usePeopleSearch(query: string): PeopleSearch {
  const wanted = query.trim();
  const myId = useMe()?.id;
  const say = useProblem();
  const known = useKnownPeople();
  const { answer, retry } = useAnswer(wanted);
  const current = answer?.query === wanted ? answer : null;

  const people = useMemo(() => {
    if (wanted === "") return known;
    if (known === undefined) return undefined;
    const here = known.filter((each) => matches(wanted, each.displayName, each.username));
    const ids = new Set(here.map((each) => each.id));
    const there = current && "found" in current ? current.found : [];
    return [...here, ...there.filter((each) => !ids.has(each.id) && each.id !== myId)];
  }, [known, wanted, current, myId]);

  return {
    people,
    searching: wanted !== "" && current === null,
    problem: current && "error" in current ? say(current.error) : null,
    retry,
  };
}

/** The people of one's direct chats, most recent first. */
export function useKnownPeople(): readonly Profile[] | undefined {
  const myId = useMe()?.id;
  const chats = useQuery((services) => services.chats.list(), []);
  return useMemo(
    () => chats?.flatMap(({ partner }) => (partner && partner.id !== myId ? [partner] : [])),
    [chats, myId],
  );
}

function useAnswer(wanted: string): { answer: Answer | null; retry: () => void } {
  const services = useServices();
  const online = useLive(services.connection).state === "online";
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (wanted === "") return;
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const found = await services.people.search(wanted, stop.signal);
        if (!stop.signal.aborted) setAnswer({ query: wanted, found });
      } catch (error) {
        if (!stop.signal.aborted) setAnswer({ query: wanted, error });
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [services, wanted, attempt]);

  const failed = answer !== null && "error" in answer;
  // What failed for lack of a network is tried again by itself when the network is back.
  useEffect(() => {
    if (!online || !failed) return;
    setAnswer(null);
    setAttempt((count) => count + 1);
    // Only when the connection comes back, not when a search fails while there is one.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [online]);

  const retry = (): void => {
    setAnswer(null);
    setAttempt((count) => count + 1);
  };
  return { answer, retry };
}

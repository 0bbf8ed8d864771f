import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { SearchDrawing } from "./drawings.tsx";
import { EmptyState } from "./empty-state.tsx";
import { LiveRegion } from "./live-region.tsx";
import { SkeletonRows } from "./skeleton.tsx";
import { Trouble } from "./trouble.tsx";

export interface SearchResultsProps {
  /** Results so far; undefined: even the first have not come. */
  count: number | undefined;
  /** More may come. */
  searching: boolean;
  /** Why no more come. */
  problem: string | null;
  onRetry: () => void;
  /** Something is searched for; else the results are suggestions. */
  asked: boolean;
  words: {
    /** Above the results. */
    heading: string;
    searching: string;
    /** "3 people found", said when the search is over. */
    found: string;
    retry: string;
    /** In place of suggestions, when there are none. */
    noSuggestions: string;
    nothing: string;
    nothingText: string;
  };
  children: ReactNode;
}

/** What a search came to: results, none, trouble, or that it goes on. Results stay visible beside trouble. */
export function SearchResults({ count, searching, problem, onRetry, asked, words, children }: SearchResultsProps) {
  const settled = asked && !searching && !problem;
  return (
    <>
      <LiveRegion text={settled ? words.found : ""} />
      {problem && (
        <div className="mx-4 my-2 sm:mx-6">
          <Trouble
            action={
              <Button look="quiet" size="sm" onClick={onRetry}>
                {words.retry}
              </Button>
            }
          >
            {problem}
          </Trouble>
        </div>
      )}
      {count ? <h2 className="px-4 pt-2 pb-1 text-sm font-semibold text-ink-soft sm:px-6">{words.heading}</h2> : null}
      {count ? children : null}
      {!count && (searching || count === undefined) && <SkeletonRows rows={3} label={words.searching} />}
      {count === 0 && !asked && (
        <p className="mx-auto max-w-sm px-6 py-8 text-center text-ink-soft text-pretty">{words.noSuggestions}</p>
      )}
      {count === 0 && settled && (
        <EmptyState art={<SearchDrawing />} title={words.nothing} text={words.nothingText} />
      )}
    </>
  );
}

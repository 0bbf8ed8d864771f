import type { ReactNode } from "react";

import type { Profile } from "@/core/services.ts";
import type { PeopleSearch } from "@/hooks/people-search.ts";
import { useT } from "@/i18n/index.ts";
import { SearchResults } from "@/ui/search-results.tsx";

export interface FoundProps {
  query: string;
  search: PeopleSearch;
  children: (people: readonly Profile[], label: string) => ReactNode;
}

/** The people that a search found; without a query, those one knows. */
export function Found({ query, search, children }: FoundProps) {
  const t = useT();
  const people = search.people ?? [];
  const wanted = query.trim();
  const heading = t(wanted ? "people.results" : "people.known");
  return (
    <SearchResults
      count={search.people?.length}
      searching={search.searching}
      problem={search.problem && people.length > 0 ? `${search.problem} ${t("people.knownOnly")}` : search.problem}
      onRetry={search.retry}
      asked={wanted !== ""}
      words={{
        heading,
        searching: t(wanted ? "people.searching" : "people.loadingKnown"),
        found: t("people.found", { count: people.length }),
        retry: t("common.retry"),
        noSuggestions: t("people.knownEmpty"),
        nothing: t("people.nobody", { query: wanted }),
        nothingText: t("people.nobodyText"),
      }}
    >
      {children(people, heading)}
    </SearchResults>
  );
}

// What `Intl` makes is dear to make and cheap to use, so each is made when it is first wanted, and once.

/** `make`, called the first time only. */
export function once<T>(make: () => T): () => T {
  let made: { it: T } | null = null;
  return () => (made ??= { it: make() }).it;
}

/** `make`, called once for each language. */
export function kept<T>(make: (language: string) => T): (language: string) => T {
  const all = new Map<string, T>();
  return (language) => {
    let one = all.get(language);
    if (one === undefined) all.set(language, (one = make(language)));
    return one;
  };
}

export const numbersOf = kept((language) => new Intl.NumberFormat(language));
export const pluralsOf = kept((language) => new Intl.PluralRules(language));

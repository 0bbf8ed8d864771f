// Who is signed in, for everything that the screens ask: queries answer nothing while there is nobody, actions refuse.

import type { Account } from "../account.ts";
import { ApiError } from "../errors.ts";
import { Cell, type Live } from "../live.ts";

export class Current {
  readonly #account = new Cell<Account | null>(null);

  set(account: Account | null): void {
    this.#account.set(account);
  }

  get(): Account | null {
    return this.#account.get();
  }

  /** The account; throws `ApiError` `unauthenticated` when there is none. */
  require(): Account {
    const account = this.#account.get();
    if (!account) throw ApiError.local("unauthenticated");
    return account;
  }

  /** A live value of whoever is signed in; `undefined` while nobody is. */
  live<T>(make: (account: Account) => Live<T | undefined>): Live<T | undefined> {
    let made: { of: Account; live: Live<T | undefined> } | null = null;
    const inner = (): Live<T | undefined> | null => {
      const account = this.#account.get();
      if (made?.of !== account) made = account && { of: account, live: make(account) };
      return made?.live ?? null;
    };
    return {
      get: () => inner()?.get(),
      subscribe: (changed) => {
        let stop = inner()?.subscribe(changed);
        const stopFollowing = this.#account.subscribe(() => {
          stop?.();
          stop = inner()?.subscribe(changed);
          changed();
        });
        return () => {
          stopFollowing();
          stop?.();
        };
      },
    };
  }
}

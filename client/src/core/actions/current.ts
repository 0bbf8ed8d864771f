// Who is signed in, for everything that the screens ask: queries answer nothing while there is nobody, actions refuse.

import type { Account } from "../account.ts";
import { ApiError } from "../errors.ts";
import { constant, type Live } from "../live.ts";

export class Current {
  #account: Account | null = null;

  set(account: Account | null): void {
    this.#account = account;
  }

  get(): Account | null {
    return this.#account;
  }

  /** The account; throws `ApiError` `unauthenticated` when there is none. */
  require(): Account {
    if (!this.#account) throw ApiError.local("unauthenticated");
    return this.#account;
  }

  /** A live value of the account, or one that stays `undefined`. */
  live<T>(make: (account: Account) => Live<T | undefined>): Live<T | undefined> {
    return this.#account ? make(this.#account) : constant(undefined);
  }
}

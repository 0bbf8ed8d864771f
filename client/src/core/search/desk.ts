// Search, from the page: one thread for everybody who searches, ended a while after the last one is through.

import type { Account } from "../account.ts";
import type { Current } from "../actions/current.ts";
import { Wire } from "../crypto/room/wire.ts";
import { Cell, constant } from "../live.ts";
import type { Runtime } from "../runtime.ts";
import type { SearchDesk } from "../services.ts";
import type { Environment } from "../sync/environment.ts";
import type { SearchState } from "./model.ts";
import type { PageSide, RoomSide } from "./room.ts";

/** Milliseconds after which a thread that nobody asks any more is ended; what it has read is read again by the next. */
const LINGER = 60_000;

interface Room {
  account: Account;
  wire: Wire<RoomSide>;
  state: Cell<SearchState>;
  turn: Cell<number>;
  users: number;
  cancelEnd: () => void;
  end(): void;
}

export class SearchRooms {
  readonly #current: Current;
  readonly #environment: Environment;
  readonly #runtime: Runtime;
  #room: Room | null = null;

  constructor(current: Current, environment: Environment, runtime: Runtime) {
    this.#current = current;
    this.#environment = environment;
    this.#runtime = runtime;
    // Whoever signs out, or begins anew, takes what was read for searching along.
    current.live(() => constant(undefined)).subscribe(() => {
      if (this.#room && current.get() !== this.#room.account) this.#room.end();
    });
  }

  /** Throws `ApiError` `unauthenticated`. */
  open(): SearchDesk {
    const room = (this.#room ??= this.#begin(this.#current.require()));
    room.users += 1;
    room.cancelEnd();
    let open = true;
    return {
      state: room.state,
      turn: room.turn,
      find: (query, limit) => room.wire.call("find", query, limit),
      people: (query, limit) => room.wire.call("people", query, limit),
      build: (on) => void room.wire.call("build", on).catch(() => {}),
      close: () => {
        if (open) room.users -= 1;
        open = false;
        room.cancelEnd();
        if (room.users === 0) room.cancelEnd = this.#runtime.after(LINGER, () => room.end());
      },
    };
  }

  #begin(account: Account): Room {
    const port = this.#environment.search?.();
    if (!port) throw new TypeError("there is no thread to search in");
    const state = new Cell<SearchState>({ phase: "opening", done: 0, total: 0 });
    const turn = new Cell(0);
    const heard: PageSide = {
      state: (next) => state.set(next),
      changed: () => turn.set(turn.get() + 1),
    };
    const wire = new Wire<RoomSide>(port, heard, (reason) => {
      reportError(reason);
      room.end();
    });
    const room: Room = {
      account,
      wire,
      state,
      turn,
      users: 0,
      cancelEnd: () => {},
      end: () => {
        if (this.#room === room) this.#room = null;
        state.set({ ...state.get(), phase: "failed" });
        void wire.end(new TypeError("search has ended"));
      },
    };
    void wire.call("begin", account.me).catch(() => room.end());
    return room;
  }
}

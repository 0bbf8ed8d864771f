// Who is here and who is typing: in memory only, gone with the connection.

import { Cell } from "../live.ts";
import type { Runtime } from "../runtime.ts";
import type { Presence } from "../services.ts";

/** Milliseconds that typing is shown after the last sign of it; it is repeated every two seconds while it lasts. */
export const TYPING_SHOWN = 3_500;
/** Milliseconds between two signs of one's own typing. */
const TYPING_INTERVAL = 2_000;

type People = ReadonlyMap<string, Presence>;
type Typing = ReadonlyMap<string, readonly string[]>;

/** What a leader tells the other tabs. */
export interface PresenceState {
  people: People;
  typing: Typing;
}

const NOBODY: PresenceState = { people: new Map(), typing: new Map() };

export class PresenceBoard {
  readonly people = new Cell<People>(NOBODY.people);
  readonly typing = new Cell<Typing>(NOBODY.typing);
  readonly #runtime: Runtime;
  readonly #expiries = new Map<string, () => void>();
  #hushed: ReadonlySet<string> = new Set();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Of these people nothing is shown from now on. */
  hush(userIds: ReadonlySet<string>): void {
    this.#hushed = userIds;
    const people = this.people.get();
    const seen = [...people].filter(([userId]) => !userIds.has(userId));
    if (seen.length < people.size) this.people.set(new Map(seen));
    for (const [chatId, typing] of this.typing.get())
      for (const userId of typing) if (userIds.has(userId)) this.stopped(chatId, userId);
  }

  get state(): PresenceState {
    return { people: this.people.get(), typing: this.typing.get() };
  }

  /** Takes over what the leader knows. */
  adopt(state: PresenceState): void {
    this.people.set(state.people);
    this.typing.set(state.typing);
  }

  /** Without a connection nothing is known. */
  clear(): void {
    for (const cancel of this.#expiries.values()) cancel();
    this.#expiries.clear();
    this.adopt(NOBODY);
  }

  online(userId: string): void {
    this.#person(userId, { online: true, lastSeen: null });
  }

  offline(userId: string, lastSeen: number): void {
    this.#person(userId, { online: false, lastSeen });
    for (const chatId of this.typing.get().keys()) this.stopped(chatId, userId);
  }

  /** The person types in that chat, for the next few seconds. */
  types(chatId: string, userId: string): void {
    if (this.#hushed.has(userId)) return;
    const key = `${chatId}/${userId}`;
    this.#expiries.get(key)?.();
    this.#expiries.set(key, this.#runtime.after(TYPING_SHOWN, () => this.stopped(chatId, userId)));
    const typing = this.typing.get();
    const there = typing.get(chatId) ?? [];
    if (!there.includes(userId)) this.typing.set(new Map(typing).set(chatId, [...there, userId]));
  }

  /** The person does not type there any more, or has sent what it was. */
  stopped(chatId: string, userId: string): void {
    const key = `${chatId}/${userId}`;
    this.#expiries.get(key)?.();
    this.#expiries.delete(key);
    const typing = this.typing.get();
    const there = typing.get(chatId);
    if (!there?.includes(userId)) return;
    const next = new Map(typing);
    const rest = there.filter((each) => each !== userId);
    if (rest.length > 0) next.set(chatId, rest);
    else next.delete(chatId);
    this.typing.set(next);
  }

  #person(userId: string, presence: Presence): void {
    if (!this.#hushed.has(userId)) this.people.set(new Map(this.people.get()).set(userId, presence));
  }
}

/** Lets one sign of typing per chat through every two seconds. */
export class TypingThrottle {
  readonly #last = new Map<string, number>();

  allow(chatId: string, now: number): boolean {
    const last = this.#last.get(chatId);
    if (last !== undefined && now - last < TYPING_INTERVAL) return false;
    this.#last.set(chatId, now);
    return true;
  }

  /** The message was sent: the next key is a new beginning. */
  forget(chatId: string): void {
    this.#last.delete(chatId);
  }
}

// Many devices, one group, bad days: what can happen to them, and what has to be true in the end.

import * as fc from "fast-check";
import { expect } from "vitest";

import { toBase64 } from "../../mls/bytes.ts";
import { epochOf } from "../../mls/inspect.ts";
import { testDevice, type TestDevice } from "../../mls/testing/device.ts";
import type { EncryptedChat } from "../chat.ts";
import type { Settled } from "../settle.ts";
import { Crash } from "./phone.ts";
import { TestServer } from "./server.ts";

/** A device of the simulation, whatever it stores things in. */
export interface Actor {
  readonly device: TestDevice;
  /** As of the last `look`. */
  readonly shown: readonly { key: string; text: string }[];
  readonly sealed: readonly { key: string; cause: string }[];
  readonly outbox: readonly unknown[];
  readonly chat: EncryptedChat;
  look(): Promise<void>;
  publish(count: number): Promise<void>;
  write(text: string): Promise<void>;
  sync(): Promise<void>;
  flush(): Promise<Settled["kind"] | "sent">;
  /** Archives the keys of what it has opened. */
  file(): Promise<void>;
  /** Tries again what it could not open. */
  reopen(): Promise<void>;
  /** Memory is lost, storage stays. */
  die(): void;
  /** The group's state is gone, as when a browser evicts part of its storage. */
  loseState(): Promise<void>;
}

export type MakeActor = (device: TestDevice, server: TestServer, mayCrash: () => void, clock: { now: number }) => Actor;

const PEOPLE = 4;
const DEVICES = 6;
/** With those that come later. */
const MOST = 9;

export type Action =
  | { do: "write" | "flush" | "sync" | "die" | "lose" | "file" | "reopen"; who: number }
  | { do: "link"; person: number }
  | { do: "revoke"; who: number }
  | { do: "kick" | "invite"; person: number }
  | { do: "wait"; days: number };

const who = fc.nat(DEVICES - 1);
export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("write" as const), who }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("flush" as const), who }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("sync" as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("die" as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose" as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("file" as const, "reopen" as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("link" as const), person: fc.nat(PEOPLE - 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("revoke" as const), who: fc.integer({ min: 1, max: DEVICES - 1 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kick" as const), person: fc.integer({ min: 1, max: PEOPLE - 1 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("invite" as const), person: fc.integer({ min: 1, max: PEOPLE - 1 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), days: fc.nat(10) }) },
);

const text = (bytes: Uint8Array | null): string => toBase64(bytes ?? new Uint8Array());

export class Town {
  readonly server = new TestServer();
  readonly clock = { now: Date.UTC(2026, 10, 22) };
  readonly phones: Actor[] = [];
  /** Every so many chances a device dies; 0 for never. */
  fragility = 0;
  readonly #make: MakeActor;
  #chances = 0;
  #texts = 0;

  constructor(make: MakeActor) {
    this.#make = make;
  }

  async build(): Promise<void> {
    // The first two people have two devices each.
    for (let index = 0; index < DEVICES; index += 1) {
      const person = index < PEOPLE ? index : index - PEOPLE;
      const device = await testDevice(person + 1, index < PEOPLE ? 0 : 1);
      const phone = this.#make(device, this.server, () => this.#mayCrash(), this.clock);
      this.phones.push(phone);
      await phone.publish(4);
      this.server.members.add(device.userId);
    }
  }

  #mayCrash(): void {
    this.#chances += 1;
    // Not a multiple of any step's own number of chances, so that every step gets its turn.
    if (this.fragility > 0 && (this.#chances * 7_919) % this.fragility === 0) throw new Crash();
  }

  async play(step: Action): Promise<void> {
    if (step.do === "link") await this.#link(step.person);
    else if (step.do === "wait") this.clock.now += step.days * 86_400_000;
    else if ("who" in step) await this.#act(step.do, this.#phone(step.who));
    else if (step.do === "kick") this.#kick(step.person);
    else this.server.members.add(this.#phone(step.person).device.userId);
  }

  /** A new device of somebody who is in the chat: it has the person's keys, and nothing of the group. */
  async #link(person: number): Promise<void> {
    if (!this.server.members.has(this.#phone(person).device.userId) || this.phones.length >= MOST) return;
    const { fragility } = this;
    this.fragility = 0;
    const device = await testDevice(person + 1, this.phones.length);
    const phone = this.#make(device, this.server, () => this.#mayCrash(), this.clock);
    await phone.publish(4);
    this.phones.push(phone);
    this.fragility = fragility;
  }

  #kick(person: number): void {
    this.server.members.delete(this.#phone(person).device.userId);
    this.server.close();
  }

  async #act(what: "write" | "flush" | "sync" | "die" | "lose" | "file" | "reopen" | "revoke", phone: Actor): Promise<void> {
    if (!this.isIn(phone)) return;
    try {
      if (what === "write") await phone.write(`text ${(this.#texts += 1)}`);
      else if (what === "flush") await phone.flush();
      else if (what === "sync") await phone.sync();
      else if (what === "die") phone.die();
      else if (what === "lose") await phone.loseState();
      else if (what === "file") await phone.file();
      else if (what === "reopen") await phone.reopen();
      else this.server.revoke(phone.device.deviceId);
      if (what === "revoke") this.server.close();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      phone.die();
    }
  }

  isIn(phone: Actor): boolean {
    const { userId, deviceId } = phone.device;
    return this.server.members.has(userId) && this.server.devices.has(deviceId);
  }

  #phone(index: number): Actor {
    const phone = this.phones[index];
    if (phone === undefined) throw new Error("no such device");
    return phone;
  }

  /** Good days: everybody reads and sends until nothing is left to do. */
  async calm(): Promise<Actor[]> {
    this.fragility = 0;
    const inside = this.phones.filter((phone) => this.isIn(phone));
    for (let round = 0; round < 4; round += 1) {
      for (const phone of inside) {
        await phone.sync();
        const done = await phone.flush();
        // Who is not in the group yet waits for somebody who is.
        if (done !== "sent" && !(done === "waiting" && round < 2)) {
          throw new Error(`could not send on a quiet day: ${done} ${phone.chat.reason ?? ""}`);
        }
      }
    }
    for (const phone of inside) await phone.sync();
    // Keys travel between the devices of a person in both directions.
    for (const phone of inside) await phone.file();
    for (const phone of inside) await phone.reopen();
    return inside;
  }
}

/** `archives`: these devices pass the keys of messages on to the other devices of their person. */
export async function lived(
  make: MakeActor,
  steps: readonly Action[],
  fragility: number,
  { archives }: { archives: boolean },
): Promise<void> {
  const town = new Town(make);
  await town.build();
  town.fragility = fragility;
  for (const step of steps) await town.play(step);
  const inside = await town.calm();
  const outside = town.phones.filter((phone) => !town.isIn(phone));

  const [speaker] = inside;
  if (speaker === undefined) throw new Error("nobody is left");
  await speaker.write("the last words");
  expect(await speaker.flush()).toBe("sent");
  for (const phone of inside) await phone.sync();
  for (const phone of outside) await phone.sync();
  for (const phone of town.phones) await phone.look();

  expect(new Set(inside.map((phone) => text(phone.chat.authenticator))).size).toBe(1);
  expect(new Set(inside.map((phone) => phone.chat.leaves().length))).toEqual(new Set([inside.length]));
  for (const phone of inside) {
    const keys = phone.shown.map((each) => each.key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(phone.outbox).toEqual([]);
    expect(phone.shown.at(-1)?.text).toBe("the last words");
    // What it showed is what was said, in the order of the log.
    const order = town.server.log.map((entry) => `${entry.senderId}/${entry.clientId}`);
    const places = keys.map((key) => order.indexOf(key));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(phone.sealed.filter(({ key }) => keys.includes(key))).toEqual([]);
    expect(missing(phone, town.server)).toEqual([]);
    if (archives) expect(withheld(phone, inside)).toEqual([]);
  }
  for (const phone of outside) expect(phone.shown.map((each) => each.text)).not.toContain("the last words");
}

/** What was said to this device since it came in the last time, and is not shown. */
function missing(phone: Actor, server: TestServer): string[] {
  const { joinEpoch } = phone.chat.record();
  const shown = new Set(phone.shown.map((each) => each.key));
  const meant = server.log.filter(
    ({ kind, seq, mls }) => kind === "message" && seq > server.begins && mls !== null && epochOf(mls) >= joinEpoch,
  );
  return meant.map((entry) => `${entry.senderId}/${entry.clientId}`).filter((key) => !shown.has(key));
}

/** What another device of the same person shows, and this one does not. */
function withheld(phone: Actor, inside: readonly Actor[]): string[] {
  const shown = new Set(phone.shown.map((each) => each.key));
  const siblings = inside.filter((other) => other.device.userId === phone.device.userId);
  return siblings.flatMap((other) => other.shown.map((each) => each.key)).filter((key) => !shown.has(key));
}

import * as v from "valibot";
import { beforeEach, expect, test, vi } from "vitest";

import type { Rest } from "../../api/http.ts";
import { ApiError } from "../../errors.ts";
import type { CryptoPlace } from "../interface.ts";
import type { PasskeyAnswer } from "../keys/passkey.ts";
import { keepByPasskey, openByPasskey, type AskPasskey } from "./by-passkey.ts";

const ASHA = "00000000-0000-7000-8000-000000000001";
const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));
const what = { identitySecret: random(32), archiveKey: random(32) };

/** The server: whose passkeys the account has, and what is kept with them. */
const account = ["cGhvbmU", "a2V5"];
let kept: Map<string, string>;
let sent: string[];
const rest = {
  async send(operation: string, schema: v.GenericSchema | null, options: { path?: Record<string, string>; body?: unknown } = {}) {
    sent.push(`${operation} ${JSON.stringify(options)}`);
    const id = options.path?.["credential_id"] ?? "";
    const answers: Record<string, () => unknown> = {
      "POST /api/auth/step-up/passkey-options": () => ({ options: { challenge: "abc", allowCredentials: account.map((each) => ({ id: each, type: "public-key" })) } }),
      "GET /api/keys/recovery/passkeys": () => ({ passkeys: [...kept.keys()].map((credentialId) => ({ credentialId })) }),
      "PUT /api/keys/recovery/passkeys/{credential_id}": () => void kept.set(id, (options.body as { wrapped: string }).wrapped),
      "GET /api/keys/recovery/passkeys/{credential_id}": () => {
        if (!kept.has(id)) throw new ApiError({ code: "not_found", message: "" });
        return { wrapped: kept.get(id) };
      },
    };
    const answer = answers[operation];
    if (!answer) throw new Error(`nobody answers ${operation}`);
    return v.parse(schema ?? v.unknown(), answer());
  },
} as unknown as Rest;
const place = { me: ASHA, rest } as CryptoPlace;

/** An authenticator with one passkey: what it makes of a salt, each time the same. */
class Authenticator {
  readonly #key = random(32);
  readonly offered: string[][] = [];
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  async secret(salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const key = await crypto.subtle.importKey("raw", this.#key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", key, salt));
  }

  readonly ask: AskPasskey = async (options, salt) => {
    const { allowCredentials } = options as { allowCredentials: { id: string }[] };
    this.offered.push(allowCredentials.map(({ id }) => id));
    if (!allowCredentials.some(({ id }) => id === this.id)) throw ApiError.local("passkey_unused");
    return { credentialId: this.id, secret: await this.secret(salt) };
  };
}

beforeEach(() => {
  kept = new Map();
  sent = [];
});

test("the keys are kept once the passkey has brought them back, and another browser gets them by it", async () => {
  const phone = new Authenticator("cGhvbmU");
  await keepByPasskey(place, what, phone.ask, null);
  // Any of the account's the first time; the second time only the one that was chosen.
  expect(phone.offered).toEqual([account, ["cGhvbmU"]]);
  expect([...kept.keys()]).toEqual(["cGhvbmU"]);
  expect(await openByPasskey(place, phone.ask)).toEqual(what);
  expect(phone.offered.at(-1)).toEqual(["cGhvbmU"]);
});

test("a new passkey that told its secret at once is asked one time only, one that did not, twice", async () => {
  const phone = new Authenticator("cGhvbmU");
  let salt = random(0);
  await phone.ask({ allowCredentials: [{ id: phone.id }] }, random(32));
  await keepByPasskey(place, what, async (options, given) => ((salt = given), phone.ask(options, given)), { credentialId: phone.id, secret: null });
  expect(phone.offered.slice(1)).toEqual([[phone.id], [phone.id]]);
  const asked = vi.fn<AskPasskey>(phone.ask);
  await keepByPasskey(place, what, asked, { credentialId: phone.id, secret: await phone.secret(salt) });
  expect(asked).toHaveBeenCalledOnce();
  expect(await openByPasskey(place, phone.ask)).toEqual(what);
});

test("what a passkey tells, or anything that opens the keys, never goes to the server", async () => {
  const phone = new Authenticator("cGhvbmU");
  const secrets: Uint8Array[] = [what.identitySecret, what.archiveKey];
  const ask: AskPasskey = async (options, salt) => {
    const answer = await phone.ask(options, salt);
    if (answer.secret) secrets.push(answer.secret);
    return answer;
  };
  await keepByPasskey(place, what, ask, null);
  await openByPasskey(place, ask);
  expect(secrets).toHaveLength(5);
  const all = sent.join("\n") + Buffer.from([...kept.values()].join(""), "base64").toString("latin1");
  for (const secret of secrets)
    for (const form of ["base64", "base64url", "hex", "latin1"] as const) expect(all).not.toContain(Buffer.from(secret).toString(form));
});

const cannot: [string, (answer: PasskeyAnswer, turn: number) => PasskeyAnswer][] = [
  ["knows no secret", (answer) => ({ ...answer, secret: null })],
  ["knows none when it is tried", (answer, turn) => ({ ...answer, secret: turn === 2 ? null : answer.secret })],
  ["tells another one when it is tried", (answer, turn) => ({ ...answer, secret: turn === 2 ? random(32) : answer.secret })],
  ["is another one when it is tried", (answer, turn) => ({ ...answer, credentialId: turn === 2 ? "a2V5" : answer.credentialId })],
  ["tells nothing but noughts", (answer) => ({ ...answer, secret: new Uint8Array(32) })],
];
test.each(cannot)("a passkey that %s keeps nothing", async (_, change) => {
  const phone = new Authenticator("cGhvbmU");
  let turn = 0;
  const ask: AskPasskey = async (options, salt) => change(await phone.ask(options, salt), (turn += 1));
  await expect(keepByPasskey(place, what, ask, null)).rejects.toMatchObject({ code: "passkey_cannot" });
  expect(kept.size).toBe(0);
});

test("a person who says no the second time has nothing kept", async () => {
  const phone = new Authenticator("cGhvbmU");
  const ask = vi.fn<AskPasskey>().mockImplementationOnce(phone.ask).mockRejectedValueOnce(ApiError.local("passkey_unused"));
  await expect(keepByPasskey(place, what, ask, null)).rejects.toMatchObject({ code: "passkey_unused" });
  expect(kept.size).toBe(0);
});

test("every passkey that does not open the keys is refused with the same words", async () => {
  const [phone, other] = [new Authenticator("cGhvbmU"), new Authenticator("cGhvbmU")];
  const wrong = { code: "wrong_passkey" };
  // None keeps anything: nobody is even asked.
  await expect(openByPasskey(place, phone.ask)).rejects.toMatchObject(wrong);
  expect(phone.offered).toEqual([]);
  await keepByPasskey(place, what, phone.ask, null);
  await expect(openByPasskey(place, other.ask)).rejects.toMatchObject(wrong);
  const good = kept.get("cGhvbmU") ?? "";
  kept.set("cGhvbmU", good.startsWith("A") ? `B${good.slice(1)}` : `A${good.slice(1)}`);
  await expect(openByPasskey(place, phone.ask)).rejects.toMatchObject(wrong);
  kept.set("cGhvbmU", good);
  const removed: AskPasskey = async (options, salt) => (kept.clear(), phone.ask(options, salt));
  await expect(openByPasskey(place, removed)).rejects.toMatchObject(wrong);
  const mute: AskPasskey = async () => ({ credentialId: "cGhvbmU", secret: null });
  kept.set("cGhvbmU", good);
  await expect(openByPasskey(place, mute)).rejects.toMatchObject({ code: "passkey_cannot" });
  expect(await openByPasskey(place, phone.ask)).toEqual(what);
});

// Bringing a person's keys from a device that has them to a new one, by way of a server that must not get them.
//
// The new device makes an X-Wing key pair (HPKE, RFC 9180) and shows a code of 100 bits: 40 of chance, and 60 of a hash
// over that chance and the public key. The person carries the code to the old device, by camera or by hand; it is the one
// thing here that the server does not see. From it both derive the names of two mailboxes, a key for the first letter, a
// pre-shared key for the second, and a number of six digits to compare.
//
//   new → old   the public key and what the new device calls itself, sealed under the code; the hash binds the key to it
//   old → new   the person's keys, HPKE in its PSK mode: only the new device can open it, only who has the code can make it
//
// A server that wants to slip in a key of its own has ten minutes to find one with the same 60 bits, at 100,000 rounds for
// each that it tries, without knowing the chance. Every code is used once.

import * as v from "valibot";

import { joined, plain, toBase64 } from "../mls/bytes.ts";
import { signature, transport } from "../mls/suite.ts";
import { pack, unpack, type Packable } from "../keys/packed.ts";
import { keyFrom, open, seal, SealBroken } from "../keys/sealing.ts";
import type { PersonKeys } from "./own.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** A letter is five bits: eight of chance, then twelve of the hash. */
const CHANCE = 8;
const LETTERS = 20;
const ROUNDS = 100_000;
const MAILBOX = 24;
/** What a camera reads: `batiyoun:link:1:` and the code. */
const SCHEME = "batiyoun:link:1:";

const encoder = new TextEncoder();
const subtle = crypto.subtle;
const LETTER = encoder.encode("batiyoun link letter 1");
const PSK_ID = encoder.encode("batiyoun link psk 1");

/** This is no code that a new device shows: a slip, or something missing. */
export class NotALinkCode extends Error {
  override name = "NotALinkCode";
}

/** A letter was changed on the way, or somebody else wrote it. */
export class LinkBroken extends Error {
  override name = "LinkBroken";
}

async function stretched(secret: Uint8Array, salt: string, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const base = await subtle.importKey("raw", plain(secret), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-512", salt: encoder.encode(salt), iterations: ROUNDS };
  return new Uint8Array(await subtle.deriveBits(how, base, 8 * bytes));
}

const letters = (bytes: Uint8Array, count: number): string =>
  Array.from(bytes.subarray(0, count), (byte) => ALPHABET[byte & 31]).join("");

/** The letters of the hash: five bits of a byte each, so that no byte is shared. */
const hashOf = async (userId: string, chance: string, publicKey: Uint8Array): Promise<string> =>
  letters(await stretched(publicKey, `batiyoun link key 1\n${userId}\n${chance}`, LETTERS - CHANCE), LETTERS - CHANCE);

/** For people: `XXXX XXXX XXXX XXXX XXXX`. */
export const formatLink = (code: string): string => (code.match(/.{4}/g) ?? []).join(" ");

/** For a camera. */
export const qrOf = (code: string): string => SCHEME + code;

/** Whether a camera saw such a code, and not another one that happens to be in view. */
export const isQr = (scanned: string): boolean => scanned.startsWith(SCHEME);

/** The code in what was scanned or typed, however it was typed. Throws `NotALinkCode`. */
export function parseLink(typed: string): string {
  const text = typed.trim().startsWith(SCHEME) ? typed.trim().slice(SCHEME.length) : typed;
  const code = text.normalize("NFKC").toUpperCase().replaceAll(/[\s\-‐-―]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  if (code.length !== LETTERS || [...code].some((letter) => !ALPHABET.includes(letter))) throw new NotALinkCode();
  return code;
}

/** What both sides know from the code. */
interface Shared {
  /** Where the first letter waits, and where the answer does. */
  offer: string;
  answer: string;
  sealing: CryptoKey;
  psk: Uint8Array<ArrayBuffer>;
  /** Six digits that both screens show. */
  digits: string;
}

async function sharedOf(userId: string, code: string): Promise<Shared> {
  const bytes = await stretched(encoder.encode(code), `batiyoun link 1\n${userId}`, 2 * MAILBOX + 32 + 32 + 4);
  let at = 0;
  const next = (count: number): Uint8Array<ArrayBuffer> => bytes.slice(at, (at += count));
  const mailbox = (): string => toBase64(next(MAILBOX)).replaceAll("+", "-").replaceAll("/", "_");
  const [offer, answer] = [mailbox(), mailbox()];
  const [sealing, psk, rest] = [await keyFrom(next(32)), next(32), next(4)];
  const digits = String(new DataView(rest.buffer).getUint32(0) % 1_000_000).padStart(6, "0");
  return { offer, answer, sealing, psk, digits };
}

const aboutOffer = (userId: string): string => `batiyoun link offer 1\n${userId}`;

const OFFER = v.object({ key: v.instance(Uint8Array), name: v.pipe(v.string(), v.maxLength(64)) });
const ANSWER = v.object({
  secret: v.pipe(v.instance(Uint8Array), v.length(32)),
  public: v.pipe(v.instance(Uint8Array), v.length(32)),
  archive: v.pipe(v.instance(Uint8Array), v.length(32)),
});

// ── the new device ──────────────────────────────────────────────────────────────────────────────────────────────────

/** What the new device shows, leaves, and waits for. */
export interface Offer {
  code: string;
  digits: string;
  /** The first letter and its mailbox. */
  mailbox: string;
  letter: Uint8Array<ArrayBuffer>;
  /** Where the answer will be. */
  waitAt: string;
  /** Throws `LinkBroken` for what this offer did not ask for. */
  open(answer: Uint8Array): Promise<PersonKeys>;
}

export async function newOffer(userId: string, deviceName: string): Promise<Offer> {
  const hpke = transport();
  const pair = await hpke.kem.generateKeyPair();
  const publicKey = new Uint8Array(await hpke.kem.serializePublicKey(pair.publicKey));
  const chance = letters(crypto.getRandomValues(new Uint8Array(CHANCE)), CHANCE);
  const code = chance + (await hashOf(userId, chance, publicKey));
  const shared = await sharedOf(userId, code);
  const letter = await seal(shared.sealing, pack({ key: publicKey, name: deviceName }), aboutOffer(userId));
  const { offer: mailbox, answer: waitAt, digits, psk } = shared;
  return {
    code,
    digits,
    mailbox,
    letter,
    waitAt,
    async open(answer) {
      try {
        const size = hpke.kem.encSize;
        const [enc, sealed] = [plain(answer.slice(0, size)), plain(answer.slice(size))];
        const how = { recipientKey: pair.privateKey, enc, info: LETTER, psk: { id: PSK_ID, key: psk } };
        const found = v.parse(ANSWER, unpack(new Uint8Array(await hpke.open(how, sealed, encoder.encode(userId)))));
        const identity = { secret: plain(found.secret), public: plain(found.public) };
        await checkPair(identity.secret, identity.public);
        return { identity, archiveKey: plain(found.archive) };
      } catch (error) {
        throw new LinkBroken("the answer is not the one that was asked for", { cause: error });
      }
    },
  };
}

/** Throws `LinkBroken` unless these are the two halves of one Ed25519 key. */
export async function checkPair(secret: Uint8Array, publicKey: Uint8Array): Promise<void> {
  const probe = crypto.getRandomValues(new Uint8Array(32));
  if (await signature.verify(publicKey, probe, await signature.sign(secret, probe))) return;
  throw new LinkBroken("these halves are not of one key");
}

// ── the device that has the keys ────────────────────────────────────────────────────────────────────────────────────

/** Where a code leads. */
export interface Meeting {
  mailbox: string;
  answerAt: string;
  /** Reads what waits there. Throws `LinkBroken`. */
  read(letter: Uint8Array): Promise<Newcomer>;
}

/** Who asks to be let in. */
export interface Newcomer {
  /** What it calls itself. */
  name: string;
  /** To be compared with what it shows. */
  digits: string;
  /** The letter with the person's keys, to be left for it. */
  answer(keys: PersonKeys): Promise<Uint8Array<ArrayBuffer>>;
}

/** `code` as `parseLink` returns it. */
export async function meet(userId: string, code: string): Promise<Meeting> {
  const shared = await sharedOf(userId, code);
  const { offer: mailbox, answer: answerAt, digits, psk, sealing } = shared;
  const read = async (letter: Uint8Array): Promise<Newcomer> => {
    const { key, name } = await offered(sealing, letter, userId);
    if ((await hashOf(userId, code.slice(0, CHANCE), key)) !== code.slice(CHANCE)) throw new LinkBroken("another key");
    return { name, digits, answer: (keys) => answerTo(key, psk, userId, keys) };
  };
  return { mailbox, answerAt, read };
}

async function offered(sealing: CryptoKey, letter: Uint8Array, userId: string): Promise<v.InferOutput<typeof OFFER>> {
  try {
    return v.parse(OFFER, unpack(await open(sealing, letter, aboutOffer(userId))));
  } catch (error) {
    if (error instanceof SealBroken || error instanceof v.ValiError || error instanceof RangeError)
      throw new LinkBroken("the letter is not what the code says", { cause: error });
    throw error;
  }
}

async function answerTo(key: Uint8Array, psk: Uint8Array<ArrayBuffer>, userId: string, keys: PersonKeys): Promise<Uint8Array<ArrayBuffer>> {
  const { identity, archiveKey } = keys;
  const hpke = transport();
  const recipientPublicKey = await hpke.kem.deserializePublicKey(plain(key).slice().buffer);
  const letter: Packable = { secret: identity.secret, public: identity.public, archive: archiveKey };
  const how = { recipientPublicKey, info: LETTER, psk: { id: PSK_ID, key: psk } };
  const { enc, ct } = await hpke.seal(how, pack(letter), encoder.encode(userId));
  return joined(new Uint8Array(enc), new Uint8Array(ct));
}

// Whose keys these are, as the screens know it.

import type { Comparison } from "./crypto/keys/safety.ts";
import type { PersonTrust } from "./crypto/trust/model.ts";
import type { Live } from "./live.ts";

/** By user id: everybody whose keys this device has seen. */
export type Trusted = ReadonlyMap<string, PersonTrust>;

/** What two people compare to know that nobody stands between them. */
export interface SafetyNumber {
  /** Twelve groups of five digits, the same on both sides. */
  groups: string[];
  /** The same for a camera. */
  code: string;
  /** The key of the other person that it is about: what `verify` marks. */
  key: Uint8Array;
}

/** Behind the "#" of an invitation; `mutual`: who follows it proves themselves, too. */
export interface OwnInvitation {
  fragment: string;
  mutual: boolean;
}

export interface TrustService {
  /** Per person; per chat: `holders` of core/crypto/trust/hold.ts, over it (hooks/trust.ts). */
  people: Live<Trusted | undefined>;
  /** null while one of the two has no keys here. Asks the server's directory for a second opinion when it can. */
  number(userId: string): Promise<SafetyNumber | null>;
  /** What a scanned code says of the keys that are shown here. */
  compare(userId: string, scanned: string): Promise<Comparison>;
  /** The number of this key was compared: the person is marked, and what was held is sent. */
  verify(userId: string, key: Uint8Array): Promise<void>;
  /** Takes the mark away. */
  unverify(userId: string): Promise<void>;
  /** Believes the person's new keys without comparing; what was held is sent. */
  accept(userId: string): Promise<void>;
  /**
   * What an invitation of one's own carries behind "#", so that whoever follows it knows one's keys; null: no keys here yet.
   * `single`: it is for one person, whose keys will be known likewise.
   */
  invitation(single: boolean): Promise<OwnInvitation | null>;
}

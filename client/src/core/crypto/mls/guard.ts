// The roster guard: who is in a group may change only as the commit announced, and only as its sender may.
//
// The MLS library accepts an external commit that removes somebody else, and a member who changes their own identity
// (measured). Every transition passes here before it is kept.

import { equal } from "./bytes.ts";
import { readIdentity, sameDevice } from "./identity.ts";

/** A member of a group: one device. */
export interface Leaf {
  index: number;
  credential: Uint8Array;
  signatureKey: Uint8Array;
}

/** What a commit did to the members. */
export interface Change {
  /** Who made the commit, as they are afterwards. */
  committer: Leaf;
  added: Leaf[];
  removed: Leaf[];
  /** The committer came in by the commit itself: a new device of a member, or one that lost its state. */
  external: boolean;
}

/** What the commit said that it would do. */
export interface Announced {
  /** Null for an external commit. */
  committer: number | null;
  added: readonly Uint8Array[];
  removed: readonly number[];
}

/** A commit that must not be followed. The message is for the one who looks into it, never for the screen. */
export class GuardRefused extends Error {
  override name = "GuardRefused";
}

function byIndex(leaves: readonly Leaf[]): Map<number, Leaf> {
  return new Map(leaves.map((leaf) => [leaf.index, leaf]));
}

function isSameDevice(one: Leaf, other: Leaf): boolean {
  const [a, b] = [readIdentity(one.credential), readIdentity(other.credential)];
  return a !== null && b !== null && sameDevice(a, b);
}

/** What changed between the members `before` and `after`. Throws `GuardRefused` unless it is what was `announced`. */
export function judge(before: readonly Leaf[], after: readonly Leaf[], announced: Announced): Change {
  const [was, is] = [byIndex(before), byIndex(after)];
  const gone = new Set(announced.removed);
  const removed: Leaf[] = [];
  for (const index of gone) {
    const leaf = was.get(index);
    if (leaf === undefined) throw new GuardRefused("a removed leaf was blank");
    removed.push(leaf);
  }
  const arrived: Leaf[] = [];
  for (const leaf of after) {
    const earlier = was.get(leaf.index);
    if (earlier === undefined || gone.has(leaf.index)) arrived.push(leaf);
    // An update renews the leaf's encryption key and nothing that says who it is.
    else if (!equal(earlier.credential, leaf.credential) || !equal(earlier.signatureKey, leaf.signatureKey)) {
      throw new GuardRefused("a member's identity changed");
    }
  }
  for (const leaf of before) {
    if (!is.has(leaf.index) && !gone.has(leaf.index)) throw new GuardRefused("a member vanished without a Remove");
  }
  return announced.committer === null
    ? external(before, arrived, removed, announced)
    : internal(is, arrived, removed, announced, announced.committer);
}

function internal(
  is: ReadonlyMap<number, Leaf>,
  added: Leaf[],
  removed: Leaf[],
  announced: Announced,
  index: number,
): Change {
  const committer = is.get(index);
  if (committer === undefined) throw new GuardRefused("the committer is not a member afterwards");
  const open = [...announced.added];
  for (const leaf of added) {
    const place = open.findIndex((credential) => equal(credential, leaf.credential));
    if (place < 0) throw new GuardRefused("somebody came in without an Add");
    open.splice(place, 1);
  }
  if (open.length > 0) throw new GuardRefused("an Add brought nobody in");
  return { committer, added, removed, external: false };
}

function external(before: readonly Leaf[], arrived: Leaf[], removed: Leaf[], announced: Announced): Change {
  const [committer, ...others] = arrived;
  if (committer === undefined || others.length > 0 || announced.added.length > 0) {
    throw new GuardRefused("an external commit brings in exactly its sender");
  }
  const identity = readIdentity(committer.credential);
  const member = before.some((leaf) => readIdentity(leaf.credential)?.userId === identity?.userId);
  if (identity === null || !member) throw new GuardRefused("an external commit from somebody who is not a member");
  if (removed.some((leaf) => !isSameDevice(leaf, committer))) {
    throw new GuardRefused("an external commit that removes somebody else");
  }
  if (before.some((leaf) => isSameDevice(leaf, committer) && !removed.includes(leaf))) {
    throw new GuardRefused("a device would be in the group twice");
  }
  return { committer, added: [committer], removed, external: true };
}

// A group as one of its members sees it: the narrow door to the MLS library. Nothing outside this folder knows it.
//
// A `Group` never changes. Every step gives a new one, and the caller decides when the new one is the truth: after it
// was saved, and for one's own commit after the server accepted it. Only then may `spent` secrets be wiped; to wipe them
// before, as the library's documentation does, destroys the old state of who loses a race.

import type { ClientConfig } from "ts-mls";
import { createGroup, decodeGroupState, encodeGroupState, joinGroup, type ClientState } from "ts-mls/clientState.js";
import { createCommit, createGroupInfoWithExternalPubAndRatchetTree, joinGroupExternal } from "ts-mls/createCommit.js";
import { createApplicationMessage, createProposal } from "ts-mls/createMessage.js";
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { ratchetTreeFromExtension } from "ts-mls/groupInfo.js";
import { encodeMlsMessage, type MLSMessage } from "ts-mls/message.js";
import { processPublicMessage } from "ts-mls/processMessages.js";
import type { PrivateMessage } from "ts-mls/privateMessage.js";
import type { ProposalWithSender } from "ts-mls/unappliedProposals.js";

import { decoded, MlsUnreadable, whole } from "./decode.ts";
import { GuardRefused, judge, type Announced, type Change, type Leaf } from "./guard.ts";
import { isCertified, readIdentity, sameDevice } from "./identity.ts";
import { privateHalf, readKeyPackage, type OwnKeyPackage } from "./key-package.ts";
import { suite } from "./suite.ts";

/** The server's cap on devices in a group (v1). */
export const MAX_DEVICES = 250;

const NO_SECRETS_FROM_OUTSIDE = { findPsk: () => undefined };
/** The library asks whether two leaves are the same client: here a client is a device. */
const isSameClient = (one: Uint8Array, other: Uint8Array): boolean => {
  const [a, b] = [readIdentity(one), readIdentity(other)];
  return a !== null && b !== null && sameDevice(a, b);
};

const CONFIG: ClientConfig = {
  // Measured: with the library's 10 generations, 184 of 200 shuffled messages were lost.
  keyRetentionConfig: { retainKeysForGenerations: 1_000, retainKeysForEpochs: 5, maximumForwardRatchetSteps: 5_000 },
  // Ten years: the directory checks lifetimes when packages are published and claimed; a member must not be refused later.
  lifetimeConfig: { maximumTotalLifetime: 315_360_000n, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: {
    compareKeyPackages: (one, other) => isSameClient(identityOf(one.leafNode), identityOf(other.leafNode)),
    compareKeyPackageToLeafNode: (one, leaf) => isSameClient(identityOf(one.leafNode), identityOf(leaf)),
  },
  // Contents are padded before they come here, to hide their length from the server's copy, too.
  paddingConfig: { kind: "alwaysPad", paddingLength: 0 },
  authService: {
    validateCredential: async (credential, key) =>
      credential.credentialType === "basic" && isCertified(credential.identity, key),
  },
};

type Named = { credential: { credentialType: string } };

function identityOf(leaf: Named): Uint8Array {
  const credential = leaf.credential as { identity?: Uint8Array };
  return credential.identity ?? new Uint8Array();
}

/** A group after a step, with the secrets that the step used up. */
export interface Step {
  group: Group;
  spent: Uint8Array[];
}

/** One's own commit, not yet accepted by anybody. */
export interface Proposed extends Step {
  commit: Uint8Array;
  /** For those who were added; null when nobody was. */
  welcome: Uint8Array | null;
  /** The group after the commit, for devices that must come in from outside. */
  groupInfo: Uint8Array;
}

/** A commit that was followed; `group` is null when it removed this very device. */
export interface Followed {
  group: Group | null;
  change: Change;
  spent: Uint8Array[];
}

/** A message that was opened. */
export interface Opened extends Step {
  data: Uint8Array;
  sender: Leaf;
  authenticatedData: Uint8Array;
}

export class Group {
  readonly #state: ClientState;

  private constructor(state: ClientState) {
    this.#state = state;
  }

  // ── ways in ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A group of one. */
  static async create(id: Uint8Array, own: OwnKeyPackage): Promise<Group> {
    const state = await createGroup(id, readKeyPackage(own.message), privateHalf(own), [], await suite(), CONFIG);
    return new Group(state);
  }

  /** The group that a Welcome leads into. Throws when it is not for `own`, or does not hold together. */
  static async join(welcome: Uint8Array, own: OwnKeyPackage): Promise<Group> {
    const message = decoded(welcome);
    if (message.wireformat !== "mls_welcome") throw new MlsUnreadable("not a Welcome");
    const [cs, published] = [await suite(), readKeyPackage(own.message)];
    const state = await joinGroup(
      message.welcome, published, privateHalf(own), NO_SECRETS_FROM_OUTSIDE, cs, undefined, undefined, CONFIG,
    );
    return checked(new Group(state));
  }

  /** Into the group from outside, by its public description: a new device, or one that lost its state. */
  static async rejoin(groupInfo: Uint8Array, own: OwnKeyPackage): Promise<Proposed> {
    const message = decoded(groupInfo);
    if (message.wireformat !== "mls_group_info") throw new MlsUnreadable("not a GroupInfo");
    const published = readKeyPackage(own.message);
    const tree = ratchetTreeFromExtension(message.groupInfo) ?? [];
    const known = tree.some((node) => node?.nodeType === "leaf" && isSameClient(identityOf(node.leaf), identityOf(published.leafNode)));
    const done = await joinGroupExternal(
      message.groupInfo, published, privateHalf(own), known, await suite(), undefined, CONFIG,
    );
    const group = checked(new Group(done.newState));
    const commit = encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage: done.publicMessage });
    return { group, commit, welcome: null, groupInfo: await group.info(), spent: [] };
  }

  /** A group that `serialized` wrote. Throws `MlsUnreadable`. */
  static restore(bytes: Uint8Array): Group {
    return new Group({ ...whole(decodeGroupState, bytes, "the state of a group"), clientConfig: CONFIG });
  }

  /** Everything there is to know, secrets included: to be sealed before it is stored. */
  serialized(): Uint8Array {
    return encodeGroupState(this.#state);
  }

  // ── what it is ─────────────────────────────────────────────────────────────────────────────────────────────────────

  get id(): Uint8Array {
    return this.#state.groupContext.groupId;
  }

  get epoch(): number {
    return Number(this.#state.groupContext.epoch);
  }

  get ownIndex(): number {
    return this.#state.privatePath.leafIndex;
  }

  /** The same for every member of the same epoch, and for nobody else. */
  get authenticator(): Uint8Array {
    return this.#state.keySchedule.epochAuthenticator;
  }

  /** Whether somebody asked to leave; nobody can send until a commit has let them go. */
  get due(): boolean {
    return Object.keys(this.#state.unappliedProposals).length > 0;
  }

  leaves(): Leaf[] {
    return leavesOf(this.#state);
  }

  /** The public description of the group, with its tree, for those who come in from outside. */
  async info(): Promise<Uint8Array> {
    const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(this.#state, [], await suite());
    return encodeMlsMessage({ version: "mls10", wireformat: "mls_group_info", groupInfo });
  }

  // ── changing it ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A commit that adds and removes devices, and what others asked for; without any of it, one that renews the keys. */
  async commit(what: { add?: readonly Uint8Array[]; remove?: readonly number[] } = {}): Promise<Proposed> {
    const adds = (what.add ?? []).map((message) => ({
      proposalType: "add" as const,
      add: { keyPackage: readKeyPackage(message) },
    }));
    const removes = (what.remove ?? []).map((removed) => ({ proposalType: "remove" as const, remove: { removed } }));
    const done = await createCommit(
      { state: this.#state, cipherSuite: await suite(), pskIndex: NO_SECRETS_FROM_OUTSIDE },
      { wireAsPublicMessage: true, extraProposals: [...adds, ...removes], ratchetTreeExtension: true },
    );
    const group = new Group(done.newState);
    return {
      group,
      commit: encodeMlsMessage(done.commit),
      welcome: done.welcome
        ? encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome: done.welcome })
        : null,
      groupInfo: await group.info(),
      spent: done.consumed,
    };
  }

  /** The wish to leave: the next member who commits lets this device go. */
  async leave(): Promise<Step & { message: Uint8Array }> {
    const remove = { proposalType: "remove" as const, remove: { removed: this.ownIndex } };
    const done = await createProposal(this.#state, true, remove, await suite());
    return { group: new Group(done.newState), message: encodeMlsMessage(done.message), spent: done.consumed };
  }

  /**
   * Follow somebody's commit, or note their wish to leave. Throws `GuardRefused` for what must not be followed, and the
   * library's errors for what is not of this group and epoch.
   */
  async follow(message: Uint8Array): Promise<Followed> {
    const heard = decoded(message);
    if (heard.wireformat !== "mls_public_message") throw new MlsUnreadable("not a public message");
    const before = this.leaves();
    const seen: { announced: Announced | null; proposals: ProposalWithSender[]; self: boolean } = {
      announced: null,
      proposals: [],
      self: false,
    };
    const done = await processPublicMessage(this.#state, heard.publicMessage, NO_SECRETS_FROM_OUTSIDE, await suite(), (incoming) => {
      if (incoming.kind === "proposal") return mayWish(incoming.proposal) ? "accept" : "reject";
      seen.announced = announcedBy(incoming.senderLeafIndex, incoming.proposals);
      seen.self = seen.announced.removed.includes(this.ownIndex);
      // The library fails when a freed slot is used again in the same commit: one's own removal is read here.
      return seen.self ? "reject" : "accept";
    });
    const { announced, self } = seen;
    if (announced === null) return this.wished(done, before);
    if (self) {
      const { content } = heard.publicMessage;
      const path = content.contentType === "commit" ? content.commit.path?.leafNode : undefined;
      const committer = path && { index: -1, credential: identityOf(path), signatureKey: path.signaturePublicKey };
      return { group: null, change: removalOf(before, announced, this.ownIndex, committer), spent: [] };
    }
    const group = new Group(done.newState);
    return { group, change: judge(before, group.leaves(), announced), spent: done.consumed };
  }

  private wished(done: { newState: ClientState; actionTaken: string; consumed: Uint8Array[] }, before: Leaf[]): Followed {
    if (done.actionTaken === "reject") throw new GuardRefused("a wish other than to leave");
    const [committer] = before;
    if (committer === undefined) throw new GuardRefused("a group without members");
    return { group: new Group(done.newState), change: { committer, added: [], removed: [], external: false }, spent: done.consumed };
  }

  // ── messages ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async encrypt(data: Uint8Array, authenticatedData: Uint8Array): Promise<Step & { message: Uint8Array }> {
    const done = await createApplicationMessage(this.#state, data, await suite(), authenticatedData);
    const message: MLSMessage = { version: "mls10", wireformat: "mls_private_message", privateMessage: done.privateMessage };
    return { group: new Group(done.newState), message: encodeMlsMessage(message), spent: done.consumed };
  }

  /** Throws for what cannot be opened: another epoch, used keys, changed bytes. */
  async decrypt(message: Uint8Array): Promise<Opened> {
    const heard = decoded(message);
    if (heard.wireformat !== "mls_private_message") throw new MlsUnreadable("not a private message");
    const { privateMessage } = heard;
    return privateMessage.epoch < this.#state.groupContext.epoch ? this.decryptEarlier(privateMessage) : this.decryptNow(privateMessage);
  }

  private async decryptNow(message: PrivateMessage): Promise<Opened> {
    const state = this.#state;
    if (message.epoch !== state.groupContext.epoch) throw new MlsUnreadable("of an epoch that is not here yet");
    const done = await unprotectPrivateMessage(
      state.keySchedule.senderDataSecret, message, state.secretTree, state.ratchetTree, state.groupContext,
      state.clientConfig.keyRetentionConfig, await suite(),
    );
    return Group.#opened(done, state, { ...state, secretTree: done.tree });
  }

  /** A message that was under way while the group moved on. */
  private async decryptEarlier(message: PrivateMessage): Promise<Opened> {
    const state = this.#state;
    const past = state.historicalReceiverData.get(message.epoch);
    if (past === undefined) throw new MlsUnreadable("of an epoch that is too long ago");
    const done = await unprotectPrivateMessage(
      past.senderDataSecret, message, past.secretTree, past.ratchetTree, past.groupContext,
      state.clientConfig.keyRetentionConfig, await suite(),
    );
    const historicalReceiverData = new Map(state.historicalReceiverData).set(message.epoch, { ...past, secretTree: done.tree });
    return Group.#opened(done, past, { ...state, historicalReceiverData });
  }

  static #opened(
    done: Awaited<ReturnType<typeof unprotectPrivateMessage>>,
    from: Pick<ClientState, "ratchetTree">,
    next: ClientState,
  ): Opened {
    const { content } = done.content;
    if (content.contentType !== "application" || content.sender.senderType !== "member") {
      throw new MlsUnreadable("not a message from a member");
    }
    const { leafIndex } = content.sender;
    const node = from.ratchetTree[leafIndex * 2];
    if (node?.nodeType !== "leaf") throw new MlsUnreadable("from a blank leaf");
    const { applicationData: data, authenticatedData } = content;
    return { group: new Group(next), data, sender: leafOf(node.leaf, leafIndex), authenticatedData, spent: done.consumed };
  }
}

const leafOf = (leaf: Named & { signaturePublicKey: Uint8Array }, index: number): Leaf => ({
  index,
  credential: identityOf(leaf),
  signatureKey: leaf.signaturePublicKey,
});

function leavesOf(state: Pick<ClientState, "ratchetTree">): Leaf[] {
  const leaves: Leaf[] = [];
  for (const [place, node] of state.ratchetTree.entries()) {
    if (node?.nodeType !== "leaf") continue;
    leaves.push(leafOf(node.leaf, place / 2));
  }
  return leaves;
}

/** No device may be in a group twice: whoever comes in looks at all who are there. */
function checked(group: Group): Group {
  const devices = group.leaves().map((leaf) => {
    const identity = readIdentity(leaf.credential);
    return `${identity?.userId} ${identity?.deviceId}`;
  });
  if (new Set(devices).size !== devices.length) throw new GuardRefused("a device is in the group twice");
  return group;
}

/** The only wish that is heard: to leave oneself. */
function mayWish({ proposal, senderLeafIndex }: ProposalWithSender): boolean {
  return proposal.proposalType === "remove" && proposal.remove.removed === senderLeafIndex;
}

function announcedBy(committer: number | undefined, proposals: readonly ProposalWithSender[]): Announced {
  const added: Uint8Array[] = [];
  const removed: number[] = [];
  for (const { proposal } of proposals) {
    if (proposal.proposalType === "add") added.push(identityOf(proposal.add.keyPackage.leafNode));
    else if (proposal.proposalType === "remove") removed.push(proposal.remove.removed);
    else if (proposal.proposalType !== "external_init") throw new GuardRefused("a commit of a kind that is not used here");
  }
  return { committer: committer ?? null, added, removed };
}

/** What is known of a commit that removed this device: not who came in, for that is none of its business any more. */
function removalOf(before: readonly Leaf[], announced: Announced, own: number, newcomer: Leaf | undefined): Change {
  const removed = before.filter((leaf) => announced.removed.includes(leaf.index));
  const member = before.find((leaf) => leaf.index === announced.committer);
  if (member !== undefined) return { committer: member, added: [], removed, external: false };
  // From outside only this very device may replace its leaf: it lost its state, and this is the state it lost.
  const self = before.find((leaf) => leaf.index === own);
  if (newcomer === undefined || self === undefined || !isSameClient(newcomer.credential, self.credential)) {
    throw new GuardRefused("an external commit that removes somebody else");
  }
  return { committer: newcomer, added: [], removed, external: true };
}

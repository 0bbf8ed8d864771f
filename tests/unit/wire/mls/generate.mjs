// Writes `vectors.json`: messages of a small group, made by the client's MLS library, with what they are.
// Run it where `ts-mls` can be found: `node generate.mjs > vectors.json`. The keys change each time; the facts do not.
import {
  createApplicationMessage,
  createCommit,
  createGroup,
  createGroupInfoWithExternalPubAndRatchetTree,
  createProposal,
  decodeMlsMessage,
  defaultCapabilities,
  emptyPskIndex,
  encodeMlsMessage,
  generateKeyPackage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  joinGroupExternal,
  processMessage,
  acceptAll,
} from "ts-mls";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";

const LIFETIME = { notBefore: 1_760_000_000n, notAfter: 1_890_000_000n };
const LAST_RESORT = { extensionType: 10, extensionData: new Uint8Array() };
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const text = (value) => new TextEncoder().encode(value);
const version = "mls10";

async function talk(name, suite) {
  const cs = await getCiphersuiteImpl(getCiphersuiteFromName(name));
  const found = [];
  const note = (kind, message, facts) => found.push({ suite, kind, data: hex(encodeMlsMessage(message)), ...facts });
  const capabilities = { ...defaultCapabilities(), extensions: [...defaultCapabilities().extensions, 10] };
  const make = (who, extensions = []) =>
    generateKeyPackage({ credentialType: "basic", identity: text(who) }, capabilities, LIFETIME, extensions, cs);
  const noteKeyPackage = async (pack, who, lastResort) =>
    note("key_package", { version, wireformat: "mls_key_package", keyPackage: pack.publicPackage }, {
      identity: who,
      ref: hex(await makeKeyPackageRef(pack.publicPackage, cs.hash)),
      lastResort,
    });
  const group = text(`group of suite ${suite}`);
  const [asha, bala, chitra] = [await make("asha/1"), await make("bala/1"), await make("chitra/1", [LAST_RESORT])];
  await noteKeyPackage(bala, "bala/1", false);
  await noteKeyPackage(chitra, "chitra/1", true);

  const noteInfo = async (state, leaves) =>
    note("group_info", {
      version,
      wireformat: "mls_group_info",
      groupInfo: await createGroupInfoWithExternalPubAndRatchetTree(state, [], cs),
    }, { epoch: Number(state.groupContext.epoch), leaves });
  const commitOf = async (state, proposals, facts) => {
    const done = await createCommit(
      { state, cipherSuite: cs, pskIndex: emptyPskIndex },
      { wireAsPublicMessage: true, extraProposals: proposals, ratchetTreeExtension: true, authenticatedData: text("aad") },
    );
    note("commit", done.commit, { epoch: Number(state.groupContext.epoch), sender: 0, aad: "aad", ...facts });
    return done;
  };
  const add = (pack) => ({ proposalType: "add", add: { keyPackage: pack.publicPackage } });

  let first = await createGroup(group, asha.publicPackage, asha.privatePackage, [], cs);
  await noteInfo(first, ["asha/1"]);
  const both = await commitOf(first, [add(bala), add(chitra)], { adds: ["bala/1", "chitra/1"], removes: [], path: false });
  first = both.newState;
  note("welcome", { version, wireformat: "mls_welcome", welcome: both.welcome }, {
    refs: [hex(await makeKeyPackageRef(bala.publicPackage, cs.hash)), hex(await makeKeyPackageRef(chitra.publicPackage, cs.hash))],
  });
  let second = await joinGroup(both.welcome, bala.publicPackage, bala.privatePackage, emptyPskIndex, cs);
  await noteInfo(first, ["asha/1", "bala/1", "chitra/1"]);

  const said = await createApplicationMessage(first, text("good morning"), cs, text("about this chat"));
  first = said.newState;
  note("private", { version, wireformat: "mls_private_message", privateMessage: said.privateMessage }, { epoch: 1, aad: "about this chat" });

  const leave = await createProposal(second, true, { proposalType: "remove", remove: { removed: 1 } }, cs);
  note("proposal", leave.message, { epoch: 1, sender: 1, removes: [1] });
  second = leave.newState;
  const heard = decodeMlsMessage(encodeMlsMessage(leave.message), 0)[0];
  first = (await processMessage(heard, first, emptyPskIndex, acceptAll, cs)).newState;
  const gone = await commitOf(first, [], { adds: [], removes: [], references: 1, path: true });
  first = gone.newState;
  const update = await commitOf(first, [], { adds: [], removes: [], path: true });
  first = update.newState;
  const out = await commitOf(first, [{ proposalType: "remove", remove: { removed: 2 } }], { adds: [], removes: [2], path: true });
  await noteInfo(out.newState, ["asha/1"]);
  await noteInfo(first, ["asha/1", null, "chitra/1"]);

  const info = await createGroupInfoWithExternalPubAndRatchetTree(first, [], cs);
  const dev = await make("dev/1");
  const outside = await joinGroupExternal(info, dev.publicPackage, dev.privatePackage, false, cs);
  note("commit", { version, wireformat: "mls_public_message", publicMessage: outside.publicMessage }, {
    epoch: 3, sender: null, aad: "", adds: [], removes: [], path: true, external: true,
  });
  return found.map((each) => ({ ...each, group: hex(group) }));
}

const vectors = [
  ...(await talk("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", 1)),
  ...(await talk("MLS_256_XWING_AES256GCM_SHA512_Ed25519", 83)),
];
console.log(`[\n${vectors.map((each) => JSON.stringify(each)).join(",\n")}\n]`);

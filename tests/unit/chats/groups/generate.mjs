// Writes `vectors.json`: what the devices of a family send to the server, made by the client's own code.
// `node generate.mjs > vectors.json`, with the client's dependencies installed. The keys change each time; the facts do not.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const CLIENT = fileURLToPath(new URL("../../../../client/", import.meta.url));
const { rolldown } = await import(pathToFileURL(join(CLIENT, "node_modules/rolldown/dist/index.mjs")).href);

const ENTRY = `
export { Group } from "${CLIENT}src/core/crypto/mls/group.ts";
export { testDevice } from "${CLIENT}src/core/crypto/mls/testing/device.ts";
export { sealContent, encodeAddress, encodeCapsule } from "${CLIENT}src/core/crypto/mls/content.ts";
`;

async function load() {
  const folder = mkdtempSync(join(CLIENT, "node_modules/.vectors-"));
  try {
    const name = "entry";
    const entry = {
      name,
      resolveId: (id) => (id === name ? id : null),
      load: (id) => (id === name ? ENTRY : null),
    };
    const bundle = await rolldown({ input: name, plugins: [entry], platform: "node", cwd: CLIENT });
    await bundle.write({ file: join(folder, "bundle.mjs"), format: "esm", codeSplitting: false });
    return await import(pathToFileURL(join(folder, "bundle.mjs")).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { Group, testDevice, sealContent, encodeAddress, encodeCapsule } = await load();
const CHAT = "01900000-0000-7000-8000-00000000c4a7";
const base64 = (bytes) => (bytes === null ? null : Buffer.from(bytes).toString("base64"));
const idOf = (chat, generation) => new TextEncoder().encode(`${chat}/${generation}`);
const wire = ({ commit, groupInfo, welcome }) => ({
  commit: base64(commit),
  groupInfo: base64(groupInfo),
  welcome: base64(welcome ?? null),
});

const [phone, laptop, ravi, meena] = [await testDevice(1), await testDevice(1, 1), await testDevice(2), await testDevice(3)];
const commits = {};
const messages = {};

async function made(chat, generation, device = phone) {
  const group = await Group.create(idOf(chat, generation), await device.keyPackage());
  return { group, request: wire({ commit: null, groupInfo: await group.info() }) };
}
async function say(group, device, clientId) {
  const sealed = await sealContent({ t: "text", text: "shall we eat at eight?" });
  const address = encodeAddress({ chatId: CHAT, senderId: device.userId, clientId });
  const { message } = await group.encrypt(encodeCapsule(sealed.capsule), address);
  return { clientId, content: sealed.content, iv: sealed.iv, mls: base64(message) };
}

const first = await made(CHAT, 1);
commits.create = first.request;
commits.createByRavi = (await made(CHAT, 1, ravi)).request;
commits.createAnew = (await made(CHAT, 2)).request;
commits.createElsewhere = (await made("01900000-0000-7000-8000-00000000c4a8", 1)).request;
const keys = { laptop: await laptop.keyPackage(), ravi: await ravi.keyPackage(), meena: await meena.keyPackage() };
const family = await first.group.commit({ add: [keys.laptop.message, keys.ravi.message] });
commits.family = wire(family);
const ravis = await Group.join(family.welcome, keys.ravi);
const indexOf = (group, device) => {
  const found = group.leaves().find((leaf) => Buffer.from(leaf.credential).equals(Buffer.from(device.credential)));
  return found.index;
};

const at = family.group;
commits.renew = wire(await at.commit());
commits.renewByRavi = wire(await ravis.commit());
commits.addMeena = wire(await at.commit({ add: [keys.meena.message] }));
const without = await at.commit({ remove: [indexOf(at, ravi)] });
commits.removeRavi = wire(without);
const swapped = await at.commit({ add: [keys.meena.message], remove: [indexOf(at, ravi)] });
commits.swap = wire(swapped);
commits.removeLaptop = wire(await at.commit({ remove: [indexOf(at, laptop)] }));
commits.laptopAgain = wire(await Group.rejoin(family.groupInfo, await laptop.keyPackage()));
commits.laptopFirst = wire(await Group.rejoin(without.groupInfo, await laptop.keyPackage()));
commits.meenaFromOutside = wire(await Group.rejoin(family.groupInfo, await meena.keyPackage()));
const wish = await ravis.leave();
commits.wish = { ...commits.renew, commit: base64(wish.message) };
messages.phone = await say(at, phone, "phone-1");
messages.ravi = await say(ravis, ravi, "ravi-1");
messages.phoneAfter = await say(without.group, phone, "phone-2");

const devices = Object.fromEntries(
  Object.entries({ phone, laptop, ravi, meena }).map(([name, device]) => [
    name,
    { userId: device.userId, deviceId: device.deviceId, signatureKey: base64(device.signer.public) },
  ]),
);
process.stdout.write(`${JSON.stringify({ chat: CHAT, devices, commits, messages }, null, 1)}\n`);

// Writes certificates and key packages as this client makes them, for the server's tests:
// `node scripts/key-vectors.mjs > ../tests/unit/keys/vectors.json`. The keys change each time; the facts do not.
import { fileURLToPath } from "node:url";

import { runnerImport } from "vite";

/** @param {string} name */
const load = async (name) => {
  const path = fileURLToPath(new URL(`../src/core/crypto/mls/${name}.ts`, import.meta.url));
  return (await runnerImport(path, { configFile: false, logLevel: "error" })).module;
};
const { certify, newSigningKey, proveReturn } = await load("identity");
const { newKeyPackage } = await load("key-package");

const DAY = 86_400;
/** When the tests say it is. */
const NOW = 1_790_000_000;
const LIFETIME = { notBefore: NOW - 3_600, notAfter: NOW + 90 * DAY };
/** What a server may ask a device to sign. */
const CHALLENGE = new Uint8Array(32).fill(7);
/** @param {Uint8Array} bytes */
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

/** @param {string} userId @param {any} owner @param {string} deviceId */
async function device(userId, owner, deviceId, expires = NOW + 365 * DAY) {
  const signer = await newSigningKey();
  const certificate = await certify(owner, { userId, deviceId, signatureKey: signer.public, expires });
  const make = async (lifetime = LIFETIME, lastResort = false) =>
    base64((await newKeyPackage(certificate, signer, lifetime, lastResort)).message);
  return {
    make,
    facts: {
      userId,
      deviceId,
      signatureKey: base64(signer.public),
      certificate: base64(certificate),
      // a test signs what nobody can know before it runs
      secret: base64(signer.secret),
      returned: base64(await proveReturn({ userId, deviceId }, signer.secret, CHALLENGE)),
      packages: [await make(), await make(), await make()],
      lastResort: await make(LIFETIME, true),
    },
  };
}

const [asha, ravi] = ["00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b"];
const [ashaKey, raviKey] = [await newSigningKey(), await newSigningKey()];
const phone = await device(asha, ashaKey, "00000000-0000-7000-9000-0000000000a1");
const laptop = await device(asha, ashaKey, "00000000-0000-7000-9000-0000000000a2");
const other = await device(ravi, raviKey, "00000000-0000-7000-9000-0000000000b1");
const stale = await device(asha, ashaKey, "00000000-0000-7000-9000-0000000000a3", NOW - 1);
process.stdout.write(
  JSON.stringify(
    {
      now: NOW,
      identities: { asha: base64(ashaKey.public), ravi: base64(raviKey.public) },
      devices: { phone: phone.facts, laptop: laptop.facts, other: other.facts },
      expiredCertificate: { deviceId: stale.facts.deviceId, certificate: stale.facts.certificate, signatureKey: stale.facts.signatureKey },
      ofPhone: {
        expired: await phone.make({ notBefore: NOW - 90 * DAY, notAfter: NOW - 1 }),
        future: await phone.make({ notBefore: NOW + DAY, notAfter: NOW + 2 * DAY }),
        endless: await phone.make({ notBefore: NOW - 3_600, notAfter: NOW + 400 * DAY }),
        expiredCertificate: stale.facts.packages[0],
      },
    },
    null,
    1,
  ) + "\n",
);

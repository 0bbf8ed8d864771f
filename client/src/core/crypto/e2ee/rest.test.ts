import { expect, test } from "vitest";

import { Http } from "../../api/http.ts";
import { ApiError } from "../../errors.ts";
import { fromBase64, toBase64 } from "../mls/bytes.ts";
import { newSigningKey, proveReturn } from "../mls/identity.ts";
import { signature } from "../mls/suite.ts";
import { restDirectory } from "./rest.ts";

const ME = { userId: "00000000-0000-7000-8000-00000000000a", deviceId: "00000000-0000-7000-9000-0000000000a1" };
const CHALLENGE = new Uint8Array(32).fill(9);

/** A server that asks for a proof each time, and takes any. */
function asking() {
  const bodies: { proof?: string }[] = [];
  const problem = { code: "device_proof_needed", detail: "Prove it.", fields: { challenge: toBase64(CHALLENGE) } };
  const http = new Http({
    base: "https://chat.example",
    unauthenticated: () => undefined,
    fetch: async (_input, init = {}) => {
      const body = JSON.parse(String(init.body)) as { proof?: string };
      bodies.push(body);
      return body.proof ? new Response("{}") : new Response(JSON.stringify(problem), { status: 409 });
    },
  });
  return { directory: restDirectory(http), bodies };
}

test("a device that comes back under a new sign-in signs what the server asks", async () => {
  const { directory, bodies } = asking();
  const key = await newSigningKey();
  const named = { certificate: new Uint8Array([1]), signatureKey: key.public, name: "Phone" };
  await directory.register(ME.deviceId, named, (challenge) => proveReturn(ME, key.secret, challenge));

  expect(bodies.map(({ proof }) => proof !== undefined)).toEqual([false, true]);
  const signed = new TextEncoder().encode(`batiyoun device return 1\n${ME.userId}\n${ME.deviceId}\n`);
  const proof = fromBase64(bodies[1]?.proof ?? "");
  expect(await signature.verify(key.public, new Uint8Array([...signed, ...CHALLENGE]), proof)).toBe(true);
});

test("a key that cannot sign leaves the device to others", async () => {
  const { directory, bodies } = asking();
  const named = { certificate: new Uint8Array([1]), signatureKey: new Uint8Array(32), name: "Phone" };
  const refused = directory.register(ME.deviceId, named, () => Promise.reject(ApiError.local("not_found")));
  await expect(refused).rejects.toMatchObject({ code: "not_found" });
  expect(bodies).toHaveLength(1);
});

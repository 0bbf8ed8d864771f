import { afterEach, expect, test, vi } from "vitest";

import { askForSecret, createWithSecret, passkeysMayKeepSecrets } from "./passkey-secret.ts";

const library = vi.hoisted(() => ({ startRegistration: vi.fn<(how: unknown) => Promise<unknown>>(), startAuthentication: vi.fn<(how: unknown) => Promise<unknown>>() }));
vi.mock("@simplewebauthn/browser", () => library);

const salt = new Uint8Array(32).fill(7);
const secret = new Uint8Array(32).fill(9);
afterEach(() => vi.unstubAllGlobals());

test("the secret of a new passkey is not in what the server is shown", async () => {
  const clientExtensionResults = { credProps: { rk: true }, prf: { enabled: true, results: { first: secret.buffer } } };
  library.startRegistration.mockResolvedValueOnce({ id: "abc", rawId: "abc", clientExtensionResults });
  const { credential, able, answer } = await createWithSecret({ challenge: "x", extensions: { credProps: true } }, salt);
  expect(credential).toEqual({ id: "abc", rawId: "abc", clientExtensionResults: { credProps: { rk: true } } });
  expect([able, answer]).toEqual([true, { credentialId: "abc", secret }]);
  const extensions = { credProps: true, prf: { eval: { first: salt } } };
  expect(library.startRegistration).toHaveBeenCalledWith({ optionsJSON: { challenge: "x", extensions } });
});

test("a new passkey may tell its secret later, or never", async () => {
  library.startRegistration.mockResolvedValueOnce({ id: "abc", clientExtensionResults: { prf: { enabled: true } } });
  expect(await createWithSecret({}, salt)).toMatchObject({ able: true, answer: { secret: null } });
  for (const clientExtensionResults of [{}, { prf: {} }, { prf: { enabled: false } }]) {
    library.startRegistration.mockResolvedValueOnce({ id: "abc", clientExtensionResults });
    expect(await createWithSecret({}, salt)).toMatchObject({ able: false, answer: { secret: null } });
  }
});

test("a passkey's secret comes as a buffer or as a view of one, or not at all", async () => {
  const wide = new Uint8Array(40).fill(9);
  for (const first of [secret.buffer, secret, wide.subarray(4, 36)]) {
    library.startAuthentication.mockResolvedValueOnce({ id: "abc", clientExtensionResults: { prf: { results: { first } } } });
    expect(await askForSecret({}, salt)).toEqual({ credentialId: "abc", secret });
  }
  library.startAuthentication.mockResolvedValueOnce({ id: "abc", clientExtensionResults: {} });
  expect(await askForSecret({}, salt)).toEqual({ credentialId: "abc", secret: null });
  library.startAuthentication.mockRejectedValueOnce(new DOMException("no", "NotAllowedError"));
  await expect(askForSecret({}, salt)).rejects.toMatchObject({ code: "passkey_unused" });
});

test("it is offered unless the browser says that it cannot", async () => {
  expect(await passkeysMayKeepSecrets()).toBe(false);
  const browser = (capabilities?: () => Promise<object>): void => {
    vi.stubGlobal("PublicKeyCredential", Object.assign(() => {}, capabilities && { getClientCapabilities: capabilities }));
  };
  browser();
  expect(await passkeysMayKeepSecrets()).toBe(true);
  browser(async () => ({ "extension:prf": false }));
  expect(await passkeysMayKeepSecrets()).toBe(false);
  for (const said of [async () => ({ "extension:prf": true }), async () => ({}), () => Promise.reject(new Error("no"))]) {
    browser(said);
    expect(await passkeysMayKeepSecrets()).toBe(true);
  }
});

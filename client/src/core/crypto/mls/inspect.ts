// What can be read of MLS bytes without being in the group.

import { ratchetTreeFromExtension } from "ts-mls/groupInfo.js";

import { decoded, MlsUnreadable } from "./decode.ts";
import { readIdentity, type Identity } from "./identity.ts";

/** The epoch a message belongs to. Throws `MlsUnreadable`. */
export function epochOf(message: Uint8Array): number {
  const heard = decoded(message);
  if (heard.wireformat === "mls_private_message") return Number(heard.privateMessage.epoch);
  if (heard.wireformat === "mls_public_message") return Number(heard.publicMessage.content.epoch);
  throw new MlsUnreadable("not a message of a group");
}

/** The key packages that a Welcome opens for, by reference. Throws `MlsUnreadable`. */
export function welcomed(message: Uint8Array): Uint8Array[] {
  const heard = decoded(message);
  if (heard.wireformat !== "mls_welcome") throw new MlsUnreadable("not a Welcome");
  return heard.welcome.secrets.map((secret) => secret.newMember);
}

/** The devices in a group, by its public description. Throws `MlsUnreadable`. */
export function devicesIn(groupInfo: Uint8Array): Identity[] {
  const heard = decoded(groupInfo);
  if (heard.wireformat !== "mls_group_info") throw new MlsUnreadable("not a GroupInfo");
  const found: Identity[] = [];
  for (const node of ratchetTreeFromExtension(heard.groupInfo) ?? []) {
    if (node?.nodeType !== "leaf" || node.leaf.credential.credentialType !== "basic") continue;
    const identity = readIdentity(node.leaf.credential.identity);
    if (identity !== null) found.push(identity);
  }
  return found;
}

/** The device that a key package is of, by its credential; null for what is no key package of ours. */
export function packagedDevice(message: Uint8Array): Identity | null {
  try {
    const heard = decoded(message);
    if (heard.wireformat !== "mls_key_package") return null;
    const { credential } = heard.keyPackage.leafNode;
    return credential.credentialType === "basic" ? readIdentity(credential.identity) : null;
  } catch (error) {
    if (error instanceof MlsUnreadable) return null;
    throw error;
  }
}

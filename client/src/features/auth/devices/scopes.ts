// What a token allows, in words.

import { SCOPES, type Scope } from "@/core/identity/sessions.ts";
import type { Key, Translate } from "@/i18n/index.ts";

const WORDS: Readonly<Record<Scope, Key>> = {
  "messages:read": "devices.messagesRead",
  "messages:write": "devices.messagesWrite",
  "chats:read": "devices.chatsRead",
  "chats:write": "devices.chatsWrite",
  "profile:read": "devices.profileRead",
  "profile:write": "devices.profileWrite",
};

const isScope = (scope: string): scope is Scope => SCOPES.some((each) => each === scope);

/** A scope of a newer server is told by its name. */
export const scopeWords = (scope: string, t: Translate): string => (isScope(scope) ? t(WORDS[scope]) : scope);

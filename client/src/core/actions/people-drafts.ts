// What the screens may do with people and drafts.

import type { Api } from "../api/api.ts";
import { prepareDraft, readDraft, writeDraft } from "../db/drafts.ts";
import type { DraftService, PeopleService } from "../services.ts";
import type { Runtime } from "../runtime.ts";
import type { Current } from "./current.ts";

export function peopleService(current: Current, api: Api): PeopleService {
  return {
    async search(query, signal) {
      const account = current.require();
      if (query.trim() === "") return [];
      const found = await api.search(query.trim(), signal);
      await account.people.keep(found);
      return found;
    },
    profile: (userId) => current.live(({ people }) => people.profile(userId)),
  };
}

export function draftService(current: Current, runtime: Runtime): DraftService {
  return {
    get: async (chatId) => readDraft(current.require().db, chatId),
    prepare: (chatId, text) => {
      const account = current.get();
      if (account && text !== "") void prepareDraft(account.db, chatId, text);
    },
    set: async (chatId, text) => writeDraft(current.require().db, chatId, text, runtime.now()),
  };
}

// What the screens may do with people and drafts.

import type { Api } from "../api/api.ts";
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
    get: async (chatId) => (await current.require().db.drafts.get(chatId))?.text ?? "",
    async set(chatId, text) {
      const { drafts } = current.require().db;
      if (text === "") await drafts.delete(chatId);
      else await drafts.put({ chatId, text, updatedAt: runtime.now() });
    },
  };
}

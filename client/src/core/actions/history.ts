// Whether a chat's history is kept for the person's new devices, for the screens.

import type { Rest } from "../api/http.ts";
import { FULL, switchName } from "../crypto/history/state.ts";
import { query } from "../db/live-query.ts";
import type { Runtime } from "../runtime.ts";
import type { HistoryService } from "../services.ts";
import type { Current } from "./current.ts";

export function historyService(current: Current, rest: Rest, runtime: Runtime): HistoryService {
  return {
    state: (chatId) =>
      current.live(({ db }) =>
        query(async () => {
          const [kept, full] = await db.meta.bulkGet([switchName(chatId), FULL]);
          return { keep: kept?.value !== false, full: full !== undefined };
        }),
      ),
    async keep(chatId, keep) {
      const { db, me } = current.require();
      const { decideHistory } = await import("../crypto/history/switch.ts");
      await decideHistory({ db, me, rest, runtime }, chatId, keep);
    },
  };
}

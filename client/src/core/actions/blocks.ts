// What the screens may do about people whom one does not want to hear of.

import type { Rest } from "../api/http.ts";
import type { BlockService } from "../blocks.ts";
import { askBlock, readBlocked } from "../db/blocks.ts";
import { query } from "../db/live-query.ts";
import type { Runtime } from "../runtime.ts";
import type { Current } from "./current.ts";

export function blockService(current: Current, rest: Rest, runtime: Runtime): BlockService {
  return {
    people: current.live(({ db }) => query(() => readBlocked(db))),
    set: (userId, on) => askBlock(current.require().db, userId, on, runtime.now()),
    async report(report) {
      current.require();
      const { sendReport } = await import("./reports.ts");
      await sendReport(rest, report);
    },
  };
}

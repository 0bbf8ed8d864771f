// What the benchmark asks of the page.

import { catchUp } from "./catching-up.ts";
import { groupTimes, type GroupTimes } from "./groups.ts";

/** Once before it counts: the first time, everything is compiled. */
async function warmGroupTimes(size: number): Promise<GroupTimes> {
  await groupTimes(2);
  return groupTimes(size);
}

Object.assign(globalThis, { catchUp, groupTimes: warmGroupTimes });

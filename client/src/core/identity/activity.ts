// What happened to one's account.

import { millis, type AuditEntry } from "../contracts/index.ts";
import type { Services } from "../services.ts";
import { callsOver, type Call } from "./calls.ts";
import type { DeviceWords } from "./sessions.ts";

export interface ActivityEvent {
  id: string;
  kind: string;
  at: number;
  device: DeviceWords;
  details: Readonly<Record<string, string>>;
}

export interface ActivityPage {
  /** The newest first. */
  events: ActivityEvent[];
  hasMore: boolean;
}

export class Activity {
  readonly #call: Call;

  constructor({ rest }: Pick<Services, "rest">) {
    this.#call = callsOver(rest);
  }

  /** What came before the event `before`; without it the newest. */
  async page(before?: string): Promise<ActivityPage> {
    const { events, hasMore } = await this.#call("GET /api/users/me/audit", { query: { before, limit: 30 } });
    return { hasMore, events: events.map(eventOf) };
  }
}

const eventOf = ({ id, kind, at, device, details }: AuditEntry): ActivityEvent => ({
  id,
  kind,
  at: millis(at),
  device: deviceOf(device),
  details,
});

const KINDS: ReadonlySet<string> = new Set<DeviceWords["kind"]>(["phone", "tablet", "computer"]);
const isKind = (kind: string): kind is DeviceWords["kind"] => KINDS.has(kind);

/** A device of the contract; a kind that a newer server knows is "other". */
export const deviceOf = (device: { browser: string | null; os: string | null; kind: string }): DeviceWords => ({
  browser: device.browser,
  os: device.os,
  kind: isKind(device.kind) ? device.kind : "other",
});

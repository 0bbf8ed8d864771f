// The engine in a thread of its own, from the page: encryption never holds up what the person sees and does.

import * as v from "valibot";

import type { CryptoPlace, LeadOptions, ReadyCrypto } from "../interface.ts";
import { refusal } from "../refusals.ts";
import type { Asked, PageSide, RoomSide } from "./engine-room.ts";
import { Wire, type Port } from "./wire.ts";

/** Milliseconds between looks whether the thread goes on, and how many looks it may leave unanswered. */
const LOOK = 10_000;
const PATIENCE = 3;

/**
 * The engine of this page, in its thread; `lost` is told once when that ended by itself: then another is to be begun.
 * `over` ends a thread that is still beginning, too: it would open, and so make anew, the database of who signs out.
 */
export async function leadInRoom(
  place: Pick<CryptoPlace, "me" | "rest" | "runtime">,
  start: () => Port,
  { term, behind, letIn }: LeadOptions,
  lost: () => void,
  over: AbortSignal,
): Promise<ReadyCrypto> {
  // Nobody waits for what is not done any more.
  if (over.aborted) return new Promise<never>(() => {});
  const { me, rest, runtime } = place;
  let ended = false;
  const page: PageSide = {
    rest: (operation: string, asked: Asked) => rest.send(operation, v.unknown(), asked),
    download: (operation: string, asked: Asked) => rest.download(operation, asked),
    behind,
    letIn: (chatId, came) => letIn?.(chatId, came),
  };
  const end = (reason?: unknown): void => {
    if (ended) return;
    ended = true;
    cancelLook();
    if (reason === undefined) return void room.end();
    reportError(reason);
    lost();
    // Nothing was done, or all of it: the next engine begins with what is stored, so doing it again does no harm.
    void room.end(refusal("group_busy"));
  };
  const room: Wire<RoomSide> = new Wire<RoomSide>(start(), page, end);
  over.addEventListener("abort", () => end(), { once: true });

  let unanswered = 0;
  room.heard = () => (unanswered = 0);
  const look = (): void => {
    if (!room.busy) unanswered = 0;
    // Counted by looks, not by the clock: while the computer sleeps, nobody looks.
    if (unanswered >= PATIENCE) return end(new Error("the engine does not answer"));
    if (room.busy) {
      unanswered += 1;
      void room.call("alive").catch(() => {});
    }
    cancelLook = runtime.after(LOOK, look);
  };
  let cancelLook = runtime.after(LOOK, look);

  try {
    await room.call("lead", { me, term });
  } catch (error) {
    end();
    throw error;
  }
  return {
    follow: ({ id, encryption }, piece) => room.call("follow", { id, encryption }, piece),
    prepare: (chat, row) => room.call("prepare", chat, row),
    tend: (chats) => room.call("tend", chats),
    replenish: () => room.call("replenish"),
    marks: () => room.call("marks"),
    stop: () => end(),
  };
}

// The server's contract in the browser: generated shapes and validators, and the one way to use them. Nothing that came
// over the network is used before it went through `parse`.

import * as v from "valibot";

import { ApiError } from "../errors.ts";
import { failed, type clientEvents, type serverEvents } from "./generated/events.ts";

export type * from "./generated/later-schemas.ts";
export type * from "./generated/schemas.ts";
export { clientEvents, serverEvents, welcome } from "./generated/events.ts";
export { operations } from "./generated/operations.ts";

export type ClientEvent = keyof typeof clientEvents;
export type ServerEvent = keyof typeof serverEvents;
/** What the client sends with an event. */
export type Payload<E extends ClientEvent> = v.InferInput<(typeof clientEvents)[E]["payload"]>;
/** What a good acknowledgement of an event holds. */
export type Ack<E extends ClientEvent> = v.InferOutput<(typeof clientEvents)[E]["ack"]>;
/** All arguments of a server's event. */
export type Arguments<E extends ServerEvent> = v.InferOutput<(typeof serverEvents)[E]>;

/**
 * The value in the shape of the schema, unknown fields dropped. Throws `ApiError` `bad_answer` naming the field; the
 * outcome of what was asked is then unknown, so it is `retryable`.
 */
export function parse<S extends v.GenericSchema>(schema: S, value: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new ApiError({
    code: "bad_answer",
    message: "The server answered in a way this app does not understand. Reload the app; if it stays, tell the administrator.",
    retryable: true,
    cause: new Error(`${what}: ${v.getDotPath(issue) ?? "value"}: ${issue.message}`),
  });
}

/** The acknowledgement of an event. Throws the server's refusal, or `bad_answer`. */
export function parseAck<S extends v.GenericSchema>(schema: S, value: unknown, event: string): v.InferOutput<S> {
  if (typeof value === "object" && value !== null && "ok" in value && value.ok === false) {
    const { error } = parse(failed, value, `${event} refusal`);
    throw new ApiError(error);
  }
  return parse(schema, value, `${event} acknowledgement`);
}

/** Milliseconds since the epoch of a validated ISO 8601 time. */
export const millis = (time: string): number => Date.parse(time);

// How everything in this folder speaks to the server. The folder is fetched with the pages that use it, and so are the
// validators of its answers.

import type { CallOptions, AnswerOf, Rest } from "../api/http.ts";
import { laterOperations } from "../contracts/generated/later-operations.ts";

export type LaterOperation = keyof typeof laterOperations;

/** Calls an operation of the contract; rejects with `ApiError`. */
export type Call = <O extends LaterOperation>(
  operation: O,
  options?: CallOptions,
) => Promise<AnswerOf<(typeof laterOperations)[O]>>;

export const callsOver =
  (rest: Rest): Call =>
  (operation, options) =>
    rest.send(operation, laterOperations[operation], options);

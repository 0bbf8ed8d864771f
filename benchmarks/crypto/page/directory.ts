// The server's directory of keys for one device, in memory: enough for the engine to make its keys and be let in.

import type * as v from "valibot";

import type { AnswerOf, CallOptions, Rest } from "@/core/api/http.ts";
import { parse } from "@/core/contracts/index.ts";
import { toBase64 } from "@/core/crypto/mls/bytes.ts";
import { ApiError } from "@/core/errors.ts";

/** What the engine published, and what waits for it. */
export class TestDirectory implements Rest {
  identity: string | null = null;
  packages: string[] = [];
  welcomes: { id: string; chatId: string; epoch: number; welcome: string }[] = [];

  /** Lets the device into a group. */
  welcome(chatId: string, welcome: Uint8Array): void {
    this.welcomes.push({ id: "welcome", chatId, epoch: 1, welcome: toBase64(welcome) });
  }

  async send<S extends v.GenericSchema | null>(operation: string, schema: S, options: CallOptions = {}): Promise<AnswerOf<S>> {
    const answer = this.#answer(operation, (options.body ?? {}) as Record<string, unknown>);
    return (schema ? parse(schema, answer, operation) : null) as AnswerOf<S>;
  }

  download(): Promise<Blob> {
    throw new TypeError("there are no files");
  }

  #answer(operation: string, body: Record<string, unknown>): unknown {
    switch (operation) {
      case "GET /api/keys/identity":
        if (this.identity === null) throw new ApiError({ code: "identity_missing", message: "", status: 404 });
        return { key: this.identity, resetAt: null, recoveryAt: null };
      case "PUT /api/keys/identity":
        this.identity = String(body["key"]);
        return {};
      case "GET /api/keys/packages":
        return { left: this.packages.length, lastResort: this.packages.length > 0 };
      case "PUT /api/keys/packages":
        this.packages = body["packages"] as string[];
        return {};
      case "GET /api/keys/welcomes":
        return { welcomes: this.welcomes };
      case "GET /api/auth/sessions":
        return { sessions: [] };
      case "GET /api/keys/archive/{chat_id}":
        return { batches: [] };
      case "GET /api/keys/archive/{chat_id}/{batch}":
        throw new ApiError({ code: "not_found", message: "", status: 404 });
      default:
        return {};
    }
  }
}

// The REST edge of a page: every operation of the first load by its name, and files.

import { operations } from "../contracts/index.ts";
import { Http, type AnswerOf, type CallOptions } from "./http.ts";
import type { Upload } from "./upload.ts";

export type Operation = keyof typeof operations;

export class Caller extends Http {
  /** As `send`, for an operation of the first load: its validator is known. */
  async call<O extends Operation>(operation: O, options: CallOptions = {}): Promise<AnswerOf<(typeof operations)[O]>> {
    return this.send(operation, operations[operation], options);
  }

  /** Files are rare: this waits outside the first load. */
  protected override async upload(file: Upload): Promise<Response> {
    const { uploadByXhr } = await import("./upload.ts");
    return uploadByXhr(file);
  }
}

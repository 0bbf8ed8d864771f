// Sending bytes with word of how far they have come: `fetch` cannot tell, so this is the older way.

import { ApiError } from "../errors.ts";

export interface Upload {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Blob;
  /** 0 to 1. */
  onProgress: (share: number) => void;
  signal: AbortSignal | undefined;
  /** Milliseconds. */
  timeout: number;
}

/** Any answer resolves; rejects with `ApiError` `offline` or `timeout`, or with the signal's reason. */
export function uploadByXhr({ method, url, headers, body, onProgress, signal, timeout }: Upload): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.timeout = timeout;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      const { status, responseText } = request;
      const retryAfter = request.getResponseHeader("retry-after");
      const empty = status === 204 || status === 304;
      resolve(new Response(empty ? null : responseText, { status, headers: retryAfter ? { "retry-after": retryAfter } : {} }));
    });
    request.addEventListener("error", () => reject(ApiError.local("offline")));
    request.addEventListener("timeout", () => reject(ApiError.local("timeout")));
    request.addEventListener("abort", () => reject(signal?.reason as unknown));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

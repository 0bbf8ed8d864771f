// Where an exported file goes: into one that the person chose, piece by piece, or where the browser cannot do that, into
// one that it downloads when it is whole.

import { ApiError } from "@/core/errors.ts";
import type { Sink } from "@/core/export/run.ts";

export interface FileKind {
  type: "text/html" | "application/json";
  ending: ".html" | ".json";
}

/** A part of the File System Access API (Chromium); https://wicg.github.io/file-system-access/ */
interface Handle {
  createWritable(): Promise<{ write(data: string): Promise<void>; close(): Promise<void>; abort(): Promise<void> }>;
  remove?(): Promise<void>;
}
type Picker = (options: { suggestedName: string; types: { accept: Record<string, string[]> }[] }) => Promise<Handle>;

/** Must be called while a press is being answered. Rejects with `cancelled` when the person chose no place. */
export async function openFile(chat: string, { type, ending }: FileKind): Promise<Sink> {
  const { showSaveFilePicker } = window as { showSaveFilePicker?: Picker };
  const file = fileName(chat, Date.now()) + ending;
  if (!showSaveFilePicker) return downloaded(file, type);
  try {
    return await written(await showSaveFilePicker({ suggestedName: file, types: [{ accept: { [type]: [ending] } }] }));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (error.name === "AbortError") throw ApiError.local("cancelled", error);
    // Not allowed here, as in a frame, or by the browser's owner.
    return downloaded(file, type);
  }
}

async function written(handle: Handle): Promise<Sink> {
  const stream = await handle.createWritable();
  return {
    write: (piece) => stream.write(piece),
    close: () => stream.close(),
    abort: async () => {
      await stream.abort();
      // Nothing was written to it: an empty file would only puzzle.
      await handle.remove?.();
    },
  };
}

/** Characters that are gathered before they become a blob, which the browser may keep on the disk. */
const GATHERED = 1_000_000;

function downloaded(name: string, type: string): Sink {
  let parts: Blob[] = [];
  let texts: string[] = [];
  let size = 0;
  const gather = (): void => {
    if (texts.length > 0) parts.push(new Blob(texts));
    [texts, size] = [[], 0];
  };
  return {
    async write(piece) {
      texts.push(piece);
      size += piece.length;
      if (size >= GATHERED) gather();
    },
    async close() {
      gather();
      const url = URL.createObjectURL(new Blob(parts, { type: `${type};charset=utf-8` }));
      const link = document.createElement("a");
      link.href = url;
      link.download = name;
      link.click();
      // Not at once: some browsers begin to read only after this task.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
    async abort() {
      [parts, texts] = [[], []];
    },
  };
}

/** A name that every file system takes: the chat's, without what they do not. */
export function fileName(chat: string, at: number): string {
  // oxlint-disable-next-line no-control-regex
  const plain = chat.replace(/[\u0000-\u001f\u007f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, " ").replace(/\s+/g, " ").trim();
  const short = [...plain].slice(0, 60).join("").replace(/^[. ]+|[. ]+$/g, "");
  const day = new Date(at).toLocaleDateString("sv");
  return ["Batiyoun", short, day].filter(Boolean).join(" ");
}

// Draws the list of chats for the next start (`core/first.ts`): the elements that are on the screen, without what is true
// only now.

import type { Drawn, FirstPicture } from "@/core/first.ts";

/** What says who is here, or typing. */
const MOMENTARY = "[data-now]";
/** Neither what is chosen, nor that something is over the list on a phone. */
const ATTRIBUTES = /^(?!on|style$|id$|tabindex$|aria-current$|inert$|data-chat$)/;
const COVERED = "invisible";
/** Rows of many are put in their places by a style; one below the other they stand there without it, too. */
const PLACED = "absolute";

/** The first chats of the list, which are these; null: the list is not there, or shows something else. */
export function drawList(ids: readonly string[]): FirstPicture | null {
  const rows = [...document.querySelectorAll("#root nav li[data-index]")];
  const nav = rows[0]?.closest("nav");
  const frame = globalThis.batiyounFrame?.();
  if (!nav || frame === undefined || !ids.every((id, index) => rows[index]?.querySelector("[data-chat]")?.getAttribute("data-chat") === id)) return null;
  const shown = new Set<Node>(rows.slice(0, ids.length));
  const has = (node: Node): boolean => !(node instanceof HTMLLIElement) || shown.has(node);
  let tree = drawn(nav, has);
  for (let around = nav.parentElement; around && around.id !== "root"; around = around.parentElement)
    tree = [around.localName, attributesOf(around), tree];
  return { frame, tree };
}

function drawn(element: Element, has: (node: Node) => boolean): Drawn {
  const inside = [...element.childNodes].flatMap((node): Drawn[] => {
    if (node instanceof Text) return [node.data];
    return node instanceof Element && has(node) && !node.matches(MOMENTARY) ? [drawn(node, has)] : [];
  });
  return [element.localName, attributesOf(element), ...inside];
}

function attributesOf(element: Element): Record<string, string | number> {
  const kept = [...element.attributes].filter(({ name }) => ATTRIBUTES.test(name));
  return Object.fromEntries(kept.map(({ name, value }) => [name, valueOf(element, name, value)]));
}

function valueOf(element: Element, name: string, value: string): string | number {
  if (name === "class") {
    const gone = element instanceof HTMLLIElement ? PLACED : COVERED;
    return value.split(" ").filter((each) => each !== gone).join(" ");
  }
  // It is kept with its chat.
  if (name === "src" && value.startsWith("data:")) return Number(element.closest("li")?.dataset["index"]);
  return value;
}

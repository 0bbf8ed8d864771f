// Moving between places, so that the browser's own back button agrees with the arrows on the screen.

import { navigate } from "wouter/use-browser-location";

import { parentOf, type Place } from "./place.ts";

/** Kept with every entry of the history that we add: the path of the entry before it. */
interface Entry {
  from?: string;
}

const entry = (): Entry => (history.state as Entry | null) ?? {};

/** Opens a place on top of this one. */
export function go(path: string): void {
  if (path !== location.pathname) navigate(path, { state: { from: location.pathname } satisfies Entry });
}

/** Opens a place instead of this one. What came before stays what came before. */
export function replace(path: string): void {
  navigate(path, { replace: true, state: entry() });
}

/**
 * Back from a place: to what came before, or to the parent of a place that was opened by its address. From a chat always
 * up to the list or the chat it belongs to, never sideways to the chat before it.
 */
export function leave(place: Place): void {
  const parent = parentOf(place);
  const { from } = entry();
  const sideways = place.at === "chat" || place.at === "info" || place.at === "newGroup";
  if (from !== undefined && (from === parent || !sideways)) history.back();
  else replace(parent);
}

// What only a tab that leads needs: fetched when it does, so that the first screen does not wait for it.

export { Connection } from "../realtime/connection.ts";
export { Engine } from "./engine.ts";

// An official client with its default transports while whoever started this breaks what is in front of the server:
// node heal.mjs URL TOKEN; says "ready" when it is upgraded, then how it lost the connection and what it came back to.
import { once } from "node:events";
import { io } from "socket.io-client";

const [url, token] = process.argv.slice(2);
const socket = io(url, { auth: { token }, reconnectionDelay: 100, reconnectionDelayMax: 500 });
const upgraded = () =>
  socket.io.engine.transport.name === "websocket" ? Promise.resolve() : once(socket.io.engine, "upgrade");

await once(socket, "connect");
await upgraded();
console.log("ready");
const [reason] = await once(socket, "disconnect");
await once(socket, "connect");
await upgraded();
const answer = await socket.timeout(8000).emitWithAck("sync", { cursors: {} });
console.log(JSON.stringify({ reason, ok: answer.ok, transport: socket.io.engine.transport.name }));
process.exit(0);

// Official clients with their defaults while one of two servers is gone: node settle.mjs URL TOKEN CLIENTS; prints how
// many are connected in the end.
import { once } from "node:events";
import { Agent } from "node:https";
import { io } from "socket.io-client";

const [url, token, clients] = process.argv.slice(2);

async function settle(number) {
  const socket = io(url, {
    auth: { token },
    agent: new Agent({ localAddress: `127.0.0.${10 + number}`, family: 4, keepAlive: true }),
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
    forceNew: true,
  });
  if (!socket.connected) await once(socket, "connect");
  for (;;) {
    try {
      if ((await socket.timeout(3000).emitWithAck("sync", { cursors: {} })).ok) break;
    } catch {
      // lost again: the client comes back by itself
    }
  }
  socket.disconnect();
  return 1;
}

const settled = await Promise.all(Array.from({ length: Number(clients) }, (_, number) => settle(number)));
console.log(JSON.stringify({ settled: settled.length }));
process.exit(0);

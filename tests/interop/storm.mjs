// Very many official clients with their defaults while a server is killed: node storm.mjs URL TOKEN CLIENTS; says "ready"
// when all are connected, and after a line of input waits until all that were cut off are back and answered. Prints how
// many were cut off, and the seconds until the last of them was back.
import { once } from "node:events";
import { Agent } from "node:https";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";

const [url, token, clients] = process.argv.slice(2);
let cut = 0;

async function join(number) {
  const socket = io(url, {
    auth: { token },
    agent: new Agent({ localAddress: `127.0.1.${1 + (number % 200)}`, family: 4, keepAlive: true }),
    reconnectionDelay: 100,
    reconnectionDelayMax: 2000,
    forceNew: true,
  });
  // what the client does not do by itself: come back after it was refused
  socket.on("connect_error", () => socket.active || setTimeout(() => socket.connect(), 200));
  if (!socket.connected) await once(socket, "connect");
  socket.on("disconnect", () => (cut += 1));
  return socket;
}

async function answered(socket) {
  for (;;) {
    try {
      if ((await socket.timeout(2000).emitWithAck("sync", { cursors: {} })).ok) return;
    } catch {
      // on its way back
    }
    await sleep(50);
  }
}

const sockets = [];
while (sockets.length < Number(clients)) {
  const few = Math.min(25, Number(clients) - sockets.length);
  sockets.push(...(await Promise.all(Array.from({ length: few }, (_, n) => join(sockets.length + n)))));
}
console.log("ready");
await once(createInterface({ input: process.stdin }), "line");
const began = performance.now();
while (cut === 0) await sleep(10);
await sleep(500);
await Promise.all(sockets.map(answered));
console.log(JSON.stringify({ cut, seconds: (performance.now() - began) / 1000 }));
process.exit(0);

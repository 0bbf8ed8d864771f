// Many official clients that only poll, each from an address of its own, and some that begin by polling and upgrade:
// node sticky.mjs URL TOKEN CLIENTS EVENTS; prints how many had to begin again, which is what a proxy that loses them does.
import { Agent } from "node:https";
import { io } from "socket.io-client";

const [url, token, clients, events] = process.argv.slice(2);

/** One client; resolves to the number of times that its connection was lost or could not be made. */
async function talk(number) {
  const socket = io(url, {
    auth: { token },
    agent: new Agent({ localAddress: `127.0.0.${10 + number}`, family: 4, keepAlive: true }),
    transports: number % 4 === 3 ? ["polling", "websocket"] : ["polling"],
    reconnection: false,
    forceNew: true,
  });
  let losses = 0;
  const connected = new Promise((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("connect_error", () => resolve(false));
  });
  if (!(await connected)) losses += 1;
  socket.on("disconnect", () => (losses += 1));
  for (let sent = 0; sent < Number(events) && losses === 0; sent += 1) {
    try {
      const answer = await socket.timeout(8000).emitWithAck("sync", { cursors: {} });
      if (!answer.ok) throw new Error(JSON.stringify(answer));
    } catch {
      losses += 1;
    }
  }
  socket.off("disconnect");
  socket.disconnect();
  return losses;
}

const losses = await Promise.all(Array.from({ length: Number(clients) }, (_, number) => talk(number)));
console.log(JSON.stringify({ losses: losses.reduce((sum, each) => sum + each, 0) }));
process.exit(0);

// A member who sends and listens through any fault with the official client: retries by clientId, signs in again.
// node talk.mjs URL CHAT USERNAME PASSWORD ADDRESS [TRANSPORT …] prints a JSON line for everything that was said or
// heard, with moments of the system's monotonic clock in seconds, until its input ends.
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";

const [url, chatId, identifier, password, localAddress, ...transports] = process.argv.slice(2);
const PATIENCE = 2000;
const now = () => Number(process.hrtime.bigint()) / 1e9;
const report = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
let stopping = false;
process.stdin.resume().once("end", () => (stopping = true));

/** Signs in as often as it takes; the Cookie header of the session. */
async function signIn() {
  for (;;) {
    try {
      const answer = await fetch(`${url}/api/auth/login`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Origin: url },
        body: JSON.stringify({ identifier, password }),
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.ok) return answer.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
    } catch {
      // nobody there: again in a moment
    }
    if (stopping) process.exit(0);
    await sleep(200);
  }
}

const socket = io(url, {
  agent: new Agent({ localAddress, family: 4, keepAlive: true }),
  extraHeaders: { Cookie: await signIn() },
  ...(transports.length ? { transports } : {}),
  timeout: PATIENCE,
  reconnectionDelay: 100,
  reconnectionDelayMax: 500,
});

/** What the client does not do by itself: come back after the server sent it away. */
async function comeBack() {
  if (socket.active || stopping) return;
  await sleep(200);
  socket.io.opts.extraHeaders = { Cookie: await signIn() };
  socket.connect();
}
socket.on("disconnect", comeBack);
socket.on("connect_error", comeBack);
socket.on("new_message", ({ chatId, seq, id, senderId, clientId }) =>
  report({ at: now(), heard: { chatId, seq, id, senderId, clientId } }),
);

let pending;
for (let number = 0; !stopping; await sleep(30)) {
  if (!socket.connected) continue;
  pending ??= `${identifier}-${number++}`;
  const message = { chatId, clientId: pending, content: `words of ${pending}`, encrypted: false, type: "text" };
  const sentAt = now();
  let ack;
  try {
    ack = await socket.timeout(PATIENCE).emitWithAck("send_message", message);
  } catch {
    // lost, or nobody answered: what became of it is unknown
  }
  report({ clientId: pending, sentAt, answeredAt: now(), ack });
  if (ack?.ok || (ack && !ack.error.retryable && ack.error.code !== "unauthenticated")) pending = undefined;
  else await sleep(50 + 150 * Math.random());
}
socket.disconnect();
process.exit(0);

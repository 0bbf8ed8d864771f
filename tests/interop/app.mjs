// The whole app through the official JavaScript client: log in by cookie, connect, send, acknowledge, hear.
// node app.mjs URL [transport …]; prints one JSON line with what happened, exits with 1 when a step failed.
import assert from "node:assert/strict";

import { io } from "socket.io-client";

const [url, ...transports] = process.argv.slice(2);
const password = "mango-lassi-at-the-ghat";

/** Signs up and returns {user, cookie}. */
async function signUp(username) {
  const answer = await fetch(`${url}/api/auth/signup`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: url },
    body: JSON.stringify({ username, email: `${username}@example.org`, password }),
  });
  assert.equal(answer.status, 201, await answer.clone().text());
  const cookie = answer.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
  return { user: (await answer.json()).user, cookie };
}

const once = (emitter, event) => new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));

/** A connected socket of that person. */
async function connect({ cookie }) {
  const options = { extraHeaders: { Cookie: cookie }, reconnection: false, forceNew: true };
  const socket = io(url, transports.length ? { ...options, transports } : options);
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return socket;
}

const suffix = (transports.join("") || "default") + (process.env.SUFFIX ?? "");
const asha = await signUp(`asha_${suffix}`);
const bala = await signUp(`bala_${suffix}`);
const [here, there] = await Promise.all([connect(asha), connect(bala)]);

const made = await fetch(`${url}/api/chats`, {
  method: "POST",
  headers: { "Content-Type": "application/json", Cookie: asha.cookie, Origin: url },
  body: JSON.stringify({ type: "direct", participants: [bala.user.id], encryption: "none" }),
});
assert.equal(made.status, 201);
const { id: chatId } = await made.json();

const news = Promise.all([once(here, "new_message"), once(there, "new_message")]);
const message = { chatId, clientId: "a-1", content: "नमस्ते 🙏", encrypted: false, type: "text", metadata: { lang: "hi" } };
const ack = await here.timeout(5000).emitWithAck("send_message", message);
assert.equal(ack.ok, true, JSON.stringify(ack));
const replay = await here.timeout(5000).emitWithAck("send_message", message);
assert.equal(replay.id, ack.id);
for (const [envelope] of await news) {
  assert.equal(envelope.id, ack.id);
  assert.equal(envelope.seq, ack.seq);
  assert.equal(envelope.timestamp, ack.timestamp);
  assert.equal(envelope.content, message.content);
  assert.deepEqual(envelope.metadata, message.metadata);
  assert.equal(envelope.senderId, asha.user.id);
}

const read = once(here, "message_read");
assert.deepEqual(await there.timeout(5000).emitWithAck("read_receipt", { messageId: ack.id }), { ok: true });
const [messageId, details] = await read;
assert.equal(messageId, ack.id);
assert.equal(details.userId, bala.user.id);

const refused = await there.timeout(5000).emitWithAck("send_message", { chatId, content: 7, encrypted: false });
assert.equal(refused.ok, false);
assert.equal(refused.error.code, "invalid_input");

const transport = here.io.engine.transport.name;
const gone = once(there, "disconnect");
here.disconnect();
there.disconnect();
await gone;
process.stdout.write(`${JSON.stringify({ transport, seq: ack.seq })}\n`);

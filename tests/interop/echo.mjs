// The official clients against examples/echo.py: node echo.mjs URL TRANSPORTS PARSER
// TRANSPORTS: "default" or names separated by commas; PARSER: "json" or "msgpack". Prints one JSON object.
import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Socket as RawSocket } from "engine.io-client";
import { io } from "socket.io-client";
import msgpackParser from "socket.io-msgpack-parser";

const [url, transports, parser] = process.argv.slice(2);
const engine = transports === "default" ? {} : { transports: transports.split(",") };
const options = { ...engine, ...(parser === "msgpack" ? { parser: msgpackParser } : {}), forceNew: true };

/** What came back for "message", as an array of arguments. */
async function echo(socket, ...values) {
  const back = once(socket, "message-back");
  socket.emit("message", ...values);
  return back;
}

async function socketIo() {
  const root = io(url, { ...options, auth: { token: "abc", n: 1 } });
  const [auth] = await once(root, "auth");
  assert.deepEqual(auth, { token: "abc", n: 1 });
  const custom = root.io.socket("/custom", { auth: { other: "ü" } });
  assert.deepEqual((await once(custom, "auth"))[0], { other: "ü" });
  assert.notEqual(root.id, custom.id);

  const values = [1, "2", "€ 🙂 \u0000 \ud7ff", { 3: [4, null, true, 1.5, -7, 2 ** 53 - 1] }, Buffer.from([0, 255]), []];
  for (const socket of [root, custom]) {
    assert.deepEqual(await echo(socket, ...values), values);
    assert.deepEqual(await socket.emitWithAck("message-with-ack", "one"), "one");
    const acked = await new Promise((done) => socket.emit("message-with-ack", ...values, (...got) => done(got)));
    assert.deepEqual(acked, values);
  }
  assert.deepEqual(await echo(root), []);
  const large = "x".repeat(300_000) + "é";
  assert.deepEqual(await echo(root, large), [large]);
  const blob = Buffer.alloc(300_000, 7);
  assert.deepEqual(await echo(root, { deep: [blob, blob] }), [{ deep: [blob, blob] }]);

  const nowhere = root.io.socket("/nowhere");
  const [error] = await once(nowhere, "connect_error");
  assert.equal(error.message, "Invalid namespace");

  custom.disconnect();
  assert.equal(await root.emitWithAck("message-with-ack", "still"), "still");
  const ended = [];
  root.on("disconnect", (reason) => ended.push(reason));
  await sleep(1_300); // four heartbeats
  assert.deepEqual(ended, []);
  assert.equal(root.connected, true);
  const transport = root.io.engine.transport.name;
  root.disconnect();
  return transport;
}

/** Messages in both directions, one after the other without waiting, from the first moment: upgrades lose none. */
async function flow() {
  const socket = io(url, options);
  const sent = Array.from({ length: 1_000 }, (_, number) => number);
  const got = [];
  socket.on("message-back", (number) => got.push(number));
  await once(socket, "auth");
  for (const number of sent) {
    socket.emit("message", number);
    if (number % 10 === 0) await sleep(0);
  }
  while (got.length < sent.length) await sleep(5);
  assert.deepEqual(got, sent);
  socket.disconnect();
}

async function engineIo() {
  const socket = new RawSocket(`${url}/engine.io/`, engine);
  const upgraded = transports === "default" ? once(socket, "upgrade") : Promise.resolve();
  await once(socket, "open");
  const messages = ["hello", "€", Buffer.from([1, 2, 3]), "x".repeat(100_000), Buffer.alloc(50_000, 1)];
  const got = [];
  socket.on("message", (message) => got.push(message));
  for (const message of messages) socket.send(message);
  while (got.length < messages.length) await sleep(5);
  assert.deepEqual(got, messages);
  await upgraded;
  const transport = socket.transport.name;
  await sleep(700);
  assert.equal(socket.readyState, "open");
  socket.close();
  return transport;
}

const result = { socketIo: await socketIo() };
await flow();
result.engineIo = parser === "json" ? await engineIo() : null;
console.log(JSON.stringify(result));
process.exit(0);

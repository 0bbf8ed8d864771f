// The official client against tests/interop/application.py: node application.mjs URL TRANSPORTS PARSER
import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";
import msgpackParser from "socket.io-msgpack-parser";

const [url, transports, parser] = process.argv.slice(2);
const options = {
  ...(transports === "default" ? {} : { transports: transports.split(",") }),
  ...(parser === "msgpack" ? { parser: msgpackParser } : {}),
  forceNew: true,
  reconnectionDelay: 50,
};

async function acksFromTheServer() {
  const socket = io(url, options);
  const order = [];
  socket.on("connect", () => order.push("connect"));
  socket.on("welcome", (namespace) => order.push(namespace));
  socket.on("question", (a, b, bytes, answer) => answer(a * b, { bytes }));
  await once(socket, "welcome");
  assert.deepEqual(order, ["connect", "/"]);
  const report = await socket.emitWithAck("ask");
  assert.equal(report.answers[0], 42);
  if (parser === "msgpack") assert.deepEqual(report.answers[1].bytes, Buffer.from([1]));
  assert.equal(report.unanswered, "timeout");
  socket.disconnect();
}

async function broadcasts() {
  const [one, two] = [io(url, options), io(url, options)];
  await Promise.all([once(one, "welcome"), once(two, "welcome")]);
  const heard = Promise.all([once(one, "told"), once(two, "told")]);
  assert.deepEqual(await one.emitWithAck("tell"), { ok: true });
  for (const [details, bytes] of await heard) {
    assert.deepEqual(details, { by: one.id });
    assert.deepEqual(bytes, Buffer.from([0, 255]));
  }
  one.disconnect();
  two.disconnect();
}

async function refusals() {
  const socket = io(`${url}/private`, { ...options, auth: { word: "foe" } });
  const [error] = await once(socket, "connect_error");
  assert.equal(error.message, "speak");
  assert.deepEqual(error.data, { code: "unauthenticated" });
  socket.auth = { word: "friend" };
  socket.connect();
  await once(socket, "connect");
  const answer = await socket.emitWithAck("no_such_event");
  assert.equal(answer.error.code, "unknown_event");
  socket.disconnect();
}

async function endings() {
  for (const event of ["leave", "expel"]) {
    const socket = io(url, options);
    await once(socket, "welcome");
    socket.emit(event);
    const [reason] = await once(socket, "disconnect");
    assert.equal(reason, "io server disconnect");
    assert.equal(socket.active, false); // it will not come back by itself
    socket.disconnect();
  }
}

/** Cut off, a client comes back as the one it was, and has missed nothing. */
async function recovery() {
  const [away, here] = [io(`${url}/recovering`, options), io(`${url}/recovering`, options)];
  const got = [];
  away.on("told", (number) => got.push(number));
  await Promise.all([once(away, "connect"), once(here, "connect")]);
  const id = away.id;
  await here.emitWithAck("tell", 1);
  while (got.length < 1) await sleep(5);
  const [gone, back] = [once(away, "disconnect"), once(away, "connect")];
  away.io.engine.close(); // as if the network was gone: the client reconnects by itself
  await gone;
  await here.emitWithAck("tell", 2);
  await back;
  assert.equal(away.recovered, true);
  assert.equal(away.id, id);
  await here.emitWithAck("tell", 3);
  while (got.length < 3) await sleep(5);
  assert.deepEqual(got, [1, 2, 3]);
  away.disconnect();
  here.disconnect();
}

/** The server is restarted by whoever started this: the client must notice at once and come back by itself. */
async function restart() {
  const socket = io(url, options);
  await once(socket, "welcome");
  console.log("ready");
  const [reason] = await once(socket, "disconnect");
  const started = Date.now();
  await once(socket, "welcome");
  socket.disconnect();
  return { reason, backAfter: Date.now() - started };
}

if (process.argv[5] === "restart") {
  console.log(JSON.stringify(await restart()));
} else {
  await acksFromTheServer();
  await broadcasts();
  await refusals();
  await endings();
  await recovery();
  console.log(JSON.stringify({ done: true }));
}
process.exit(0);

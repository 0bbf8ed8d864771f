// REST over one HTTP/2 connection: node http2.mjs URL; prints what was agreed on and what came back.
import { once } from "node:events";
import { connect } from "node:http2";

const [url] = process.argv.slice(2);
const session = connect(url);
session.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
await once(session, "connect");

/** Status, headers and body of one request. */
async function ask(headers, body) {
  const stream = session.request({ ":scheme": "https", origin: url, ...headers });
  const answered = once(stream, "response");
  stream.end(body);
  const [answer] = await answered;
  let text = "";
  stream.setEncoding("utf8");
  for await (const chunk of stream) text += chunk;
  return { status: answer[":status"], headers: { ...answer }, body: text };
}

const signUp = { username: "asha_h2", email: "asha_h2@example.org", password: "mango-lassi-at-the-ghat" };
const made = await ask(
  { ":method": "POST", ":path": "/api/auth/signup", "content-type": "application/json" },
  JSON.stringify(signUp),
);
const cookie = (made.headers["set-cookie"] ?? []).map((each) => each.split(";")[0]).join("; ");
// at the same time, over the same connection
const [me, page] = await Promise.all([
  ask({ ":method": "GET", ":path": "/api/auth/verify-me", cookie }),
  ask({ ":method": "GET", ":path": "/" }),
]);
const { status, headers } = made;
console.log(
  JSON.stringify({
    protocol: session.alpnProtocol,
    status,
    cookies: headers["set-cookie"],
    hsts: headers["strict-transport-security"],
    me: JSON.parse(me.body).user?.username,
    page: page.headers["content-security-policy"] !== undefined,
  }),
);
session.close();

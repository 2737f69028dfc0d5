// The page's one connection to the server, whoever of its scripts listens to it.
import { io } from "../vendor/socket.io-client/socket.io.esm.min.js";

const RETRY_MS = 2_000; // after the server closed the connection

let socket = null;

export function connection() {
  if (socket) return socket;
  socket = io({ transports: ["websocket"], reconnectionDelay: 500, reconnectionDelayMax: 5_000 });
  socket.on("disconnect", (reason) => {
    // Closed by the server: it is going down, or our log-in has ended. Asking again tells which.
    if (reason !== "io client disconnect" && !socket.active) setTimeout(() => socket.connect(), RETRY_MS);
  });
  return socket;
}

// Nothing is sent again. Who shows what is told asks each time the connection stands: first for what happened since the
// page was made (it may be one the browser had kept), then for what was missed. `signal` ends it.
export function onConnection(listener, signal) {
  connection().on("connect", listener);
  signal?.addEventListener("abort", () => socket.off("connect", listener));
  if (socket.connected) listener(); // another script of the page was first
}

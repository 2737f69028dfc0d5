// The page's one connection to the server, whoever of its scripts listens to it.
import { io } from "../vendor/socket.io-client/socket.io.esm.min.js";

const LATE_MS = 5_000; // a page that connects later than this may be older than what was told
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

// Nothing is sent again: who shows what was told asks anew once the connection is back, or came late. `signal` ends it.
export function onReturn(listener, signal) {
  let missed = connection().connected;
  const heard = () => {
    if (missed || performance.now() > LATE_MS) listener();
    missed = true;
  };
  socket.on("connect", heard);
  signal?.addEventListener("abort", () => socket.off("connect", heard));
}

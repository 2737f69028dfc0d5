// The page's one connection to the server, whoever of its scripts listens to it.
import { io } from "../vendor/socket.io-client/socket.io.esm.min.js";

const LATE_MS = 5_000; // a page that connects later than this may be older than what was told

let socket = null;

export function connection() {
  socket ??= io({ transports: ["websocket"], reconnectionDelay: 500, reconnectionDelayMax: 5_000 });
  return socket;
}

// Nothing is sent again: who shows what was told asks anew once the connection is back, or came late.
export function onReturn(listener) {
  let missed = connection().connected;
  connection().on("connect", () => {
    if (missed || performance.now() > LATE_MS) listener();
    missed = true;
  });
}

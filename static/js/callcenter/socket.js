// The connection: asks for the current calls after every (re)connect, as nothing is sent again that was missed.
import { connection } from "../live.js";
import { told } from "./told.js";

const RETRY_MS = 2_000; // after the server refused the connection
const REFUSED_MS = 30_000; // after it had no room
const POLL_MS = 15_000; // meanwhile the calls are fetched
const HINT_MS = 4_000; // a short interruption is not worth a hint
const ACK_MS = 10_000;

const others = []; // [message, listener] of other parts of the page

// Hears a message that is not about the cards; before or after the connection is there.
export function on(name, listener) {
  others.push([name, listener]);
  connected?.on(name, listener);
}

let connected = null;

export function start({ onCall, onCalls, onConnection, onLoggedOut, held }) {
  const socket = connection();
  connected = socket;
  for (const [name, listener] of others) socket.on(name, listener);
  let hint = 0;
  let poll = 0;

  function interrupted(reason) {
    document.documentElement.dataset.connection = "down";
    if (!hint) hint = setTimeout(() => onConnection(reason), reason === "too_many" ? 0 : HINT_MS);
    if (!poll) poll = setInterval(fetchCalls, POLL_MS);
  }

  function restored() {
    clearTimeout(hint);
    clearInterval(poll);
    hint = poll = 0;
    onConnection(null);
  }

  function ended() {
    restored();
    socket.disconnect();
    onLoggedOut();
  }

  async function fetchCalls() {
    try {
      const response = await fetch(`${told.state_path}?held=${held().join()}`, { credentials: "same-origin", headers: { Accept: "application/json", "HX-Request": "true" } });
      const state = response.ok ? await response.json() : null;
      if (!poll) return; // the connection stands again, and what it told is newer
      if (state) onCalls(state);
      else if ([401, 403, 404].includes(response.status)) ended();
    } catch {
      // Away like the socket; the next attempt follows.
    }
  }

  function ask() {
    socket.timeout(ACK_MS).emit("calls", { held: held() }, (error, state) => {
      if (!error) onCalls(state);
      else if (socket.connected) ask();
    });
  }

  const joined = () => {
    document.documentElement.dataset.connection = "up";
    restored();
    ask();
  };

  socket.on("connect", joined);
  if (socket.connected) joined(); // another script of the page was first
  socket.on("call", onCall);
  // A state that came unasked knows nothing of cards that are held open here.
  socket.on("calls", (state) => (held().length ? ask() : onCalls(state)));
  socket.on("late", () => held().length && ask());
  socket.on("disconnect", (reason) => {
    if (reason !== "io client disconnect") interrupted("offline");
  });
  socket.on("connect_error", (error) => {
    if (error.message === "not_logged_in") return ended();
    if (error.message === "too_many_sockets") {
      interrupted("too_many");
      setTimeout(() => socket.connect(), REFUSED_MS);
    } else {
      interrupted("offline");
      if (!socket.active) setTimeout(() => socket.connect(), RETRY_MS);
    }
  });
}

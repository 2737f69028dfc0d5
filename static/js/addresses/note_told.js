// What the server tells every page about notes: where drafts go, whose they are, and every text in the user's language.
const block = document.getElementById("note-told");

export const told = block ? JSON.parse(block.textContent) : null;

// text("saved", { time: "14:03" }) → "Entwurf gespeichert 14:03"
export function text(key, values = {}) {
  return told.texts[key].replace(/\{(\w+)\}/g, (_found, name) => String(values[name] ?? ""));
}

const clock = new Intl.DateTimeFormat(document.documentElement.lang || "de", {
  hour: "2-digit",
  minute: "2-digit",
  timeZone: document.documentElement.dataset.timezone || undefined,
});

export const timeOf = (iso) => clock.format(new Date(iso));

// What went wrong, by the status of the answer.
export const reason = (status) => text({ 401: "logged_out", 403: "forbidden" }[status] ?? "failed");

const NAMING = ["id", "for", "form", "aria-describedby", "aria-labelledby", "hx-target"];

// Parsed as a document of its own, in which nothing runs; then its nodes move in. With `prefix` its ids are its own:
// the page may have a form with fields of the same name.
export function nodesOf(html, prefix = "") {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  if (prefix) {
    for (const name of NAMING) {
      for (const element of body.querySelectorAll(`[${name}]`)) {
        const ids = element.getAttribute(name).split(" ");
        element.setAttribute(name, ids.map((id) => (id.startsWith("#") ? `#${prefix}${id.slice(1)}` : prefix + id)).join(" "));
      }
    }
  }
  return [...body.childNodes];
}

export class LoggedOut extends Error {}

// A request that is not answered by then has failed: it holds up what waits behind it, and may be sent again.
const ANSWER_MS = 15_000;

function inTime() {
  const waiting = new AbortController();
  setTimeout(() => waiting.abort(), ANSWER_MS);
  return waiting.signal;
}

// After another log-in in this browser the page's token is worth nothing: a new one, if it is still the same person.
// Raises LoggedOut where nobody, or somebody else, is logged in.
export async function renewToken() {
  const answer = await fetch(told.token_path, { credentials: "same-origin", headers: { "HX-Request": "true" }, signal: inTime() });
  if (answer.status === 401 || answer.status === 403) throw new LoggedOut(reason(401));
  if (!answer.ok) throw new TypeError("no token");
  const { token, user_id: user } = await answer.json();
  if (user !== told.user_id) throw new LoggedOut(text("somebody_else"));
  document.querySelector('meta[name="csrf-token"]').content = token;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token;
}

// POST with the page's token, once more with a new one where it is refused.
export async function post(path, body, headers = {}) {
  const once = () => {
    const token = document.querySelector('meta[name="csrf-token"]').content;
    if (body.has("csrf_token")) body.set("csrf_token", token);
    return fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: { "HX-Request": "true", "X-CSRFToken": token, ...headers },
      body,
      signal: inTime(),
    });
  };
  const answer = await once();
  if (answer.status !== 400) return answer;
  await renewToken();
  return once();
}

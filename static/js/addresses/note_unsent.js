// What was typed and is not on the server yet, kept in this browser: it outlives reload, log-out and a lost network.
// One entry a window, so that two windows without a network do not overwrite each other.
const OLD_MS = 60 * 24 * 3_600_000;
const PREFIX = "note-draft";
export const windowId = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

const keyOf = (user, about) => [PREFIX, user, about, windowId].join(" ");

// Without a storage (private windows of some browsers) only the server keeps the draft.
function guarded(use, otherwise) {
  try {
    return use();
  } catch {
    return otherwise;
  }
}

// `form`: what the server has to be told of the form, so that any later page can send it.
export function keep(user, about, typed, form = {}) {
  guarded(() => {
    if (Object.keys(typed).length) localStorage.setItem(keyOf(user, about), JSON.stringify({ at: Date.now(), typed, form }));
    else localStorage.removeItem(keyOf(user, about));
  });
}

// What this window or another one could not send: the latest last.
export function left(user, about) {
  return entries([PREFIX, user, about, ""].join(" "));
}

// The same of all forms, of other windows.
export const leftOfAll = (user) => entries([PREFIX, user, ""].join(" ")).filter(({ key }) => !key.endsWith(` ${windowId}`));

function entries(beginning) {
  const keys = guarded(() => Object.keys(localStorage), []).filter((key) => key.startsWith(beginning));
  return keys.map((key) => ({ key, ...guarded(() => JSON.parse(localStorage.getItem(key)), null) })).filter((one) => one.typed).sort((one, other) => one.at - other.at);
}

export const forget = (key) => guarded(() => localStorage.removeItem(key));

// Unless something was typed meanwhile: the window may be open still.
export function forgetAsOf({ key, at }) {
  if (guarded(() => JSON.parse(localStorage.getItem(key)).at, 0) === at) forget(key);
}

export function forgetOld() {
  for (const key of guarded(() => Object.keys(localStorage), [])) {
    if (!key.startsWith(PREFIX)) continue;
    const at = guarded(() => JSON.parse(localStorage.getItem(key)).at, 0);
    if (at < Date.now() - OLD_MS) forget(key);
  }
}

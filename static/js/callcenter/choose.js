// Choosing among several matches in a card: for the call, remembered for me or for everybody, and taking it back.
import { text, told } from "./told.js";

const place = document.querySelector("[data-call-cards]");
const template = document.getElementById("call-match");
const states = new WeakMap(); // card → { call, open: which match is being chosen, changing: the list is shown again, all: every match }
let onSnapshot = () => {};

const keyOf = (match) => (match.contact_id === null ? `${match.address_id}` : `${match.address_id},${match.contact_id}`);

function stateOf(card) {
  if (!states.has(card)) states.set(card, { call: null, open: null, changing: false, all: null });
  return states.get(card);
}

// -------------------------------------------------------------------------------------------------------------- showing

// The list of those who may be meant, and who chose one of them. `detail` tells more of a match.
export function fill(card, call, detail) {
  const state = stateOf(card);
  const chosen = JSON.stringify(call.choice);
  if (state.call && JSON.stringify(state.call.choice) !== chosen) Object.assign(state, { open: null, changing: false });
  state.call = call;
  const first = call.choice ? call.candidates : call.matches;
  // Fetched once, and good as long as the first of them are the same.
  if (state.all && JSON.stringify(state.all.slice(0, first.length)) !== JSON.stringify(first)) state.all = null;
  const from = state.all ?? first;
  const several = call.choice ? call.candidates.length > 0 : call.matches.length > 1;
  const list = card.querySelector("[data-matches]");
  list.hidden = !several || (Boolean(call.choice) && !state.changing);
  fillList(list, several ? from : [], call, state, detail);
  fillChosen(card, call, state, several);
  // The call's news may come before the answer to what was pressed, and take the button away as that does.
  if (card.getAttribute("aria-busy") === "true") keepFocus(card);
}

// Lines stay the same elements, so that a snapshot takes neither the focus nor an open choice away.
function fillList(list, matches, call, state, detail) {
  const lines = new Map([...list.querySelectorAll("[data-who]")].map((line) => [line.dataset.who, line]));
  if (!matches.some((match) => keyOf(match) === state.open)) state.open = null;
  const wanted = matches.map((match) => {
    const line = lines.get(keyOf(match)) ?? template.content.firstElementChild.cloneNode(true);
    fillLine(line, match, state.open === keyOf(match), detail);
    return line;
  });
  if (matches.length && call.more && !state.all) wanted.push(restOf(list, call));
  const same = wanted.length === list.children.length && wanted.every((line, index) => line === list.children[index]);
  if (!same) list.replaceChildren(...wanted);
}

// The others are fetched when they are wanted; without a script in time the link leads to the page of the call.
function restOf(list, call) {
  const rest = list.querySelector("[data-more]") ?? document.createElement("li");
  rest.dataset.more = "";
  const link = rest.firstElementChild ?? rest.appendChild(document.createElement("a"));
  link.dataset.allMatches = "";
  link.href = `${call.paths.call}#choose`;
  link.textContent = text("more_matches", { count: call.more });
  return rest;
}

async function fetchAll(card) {
  const state = stateOf(card);
  const last = card.querySelector("[data-matches] [data-who]:nth-last-child(2)")?.dataset.who;
  try {
    const response = await fetch(`${state.call.paths.call}/matches`, { credentials: "same-origin", headers: { Accept: "application/json", "HX-Request": "true" } });
    if (!response.ok) throw new Error(String(response.status));
    state.all = (await response.json()).matches;
    say(card, "");
  } catch {
    return say(card, text("choice_unreachable"));
  }
  onSnapshot(state.call);
  // On to the first that has come.
  card.querySelector(`[data-who="${last}"] + [data-who] a`)?.focus();
}

function fillLine(line, match, open, detail) {
  line.dataset.who = keyOf(match);
  const link = line.querySelector("[data-match]");
  link.textContent = match.name;
  link.href = match.path;
  line.querySelector("[data-match-detail]").textContent = detail(match);
  const note = line.querySelector("[data-match-note]");
  if (note) note.href = match.note_path; // permitted
  const choose = line.querySelector("[data-choose]");
  choose.setAttribute("aria-label", text("choose", { name: match.name }));
  choose.setAttribute("aria-expanded", String(open));
  const scopes = line.querySelector("[data-scopes]");
  scopes.hidden = !open;
  scopes.setAttribute("aria-label", text("choose", { name: match.name }));
}

function fillChosen(card, call, state, several) {
  const { choice } = call;
  card.querySelector("[data-chosen]").hidden = !choice;
  const by = card.querySelector("[data-chosen-by]");
  const sentence = choice ? sentenceOf(choice) : "";
  if (by.textContent !== sentence) by.textContent = sentence;
  card.querySelector("[data-undo]").hidden = !choice || choice.undo === null || choice.user.id !== told.user_id;
  const change = card.querySelector("[data-change]");
  change.hidden = !choice || !several;
  change.setAttribute("aria-expanded", String(state.changing));
}

function sentenceOf({ scope, user, remembered }) {
  if (scope === "me") return text(remembered ? "remembered_for_me" : "chosen_for_me");
  const key = scope === "all" && remembered ? "remembered_by" : "chosen_by";
  return user.id === told.user_id ? text(`${key}_me`) : text(key, { name: user.name || text("a_colleague") });
}

// -------------------------------------------------------------------------------------------------------------- choosing

async function send(card, path, fields) {
  if (card.getAttribute("aria-busy") === "true") return;
  card.setAttribute("aria-busy", "true");
  say(card, "");
  let answer;
  try {
    answer = await post(path, fields);
  } catch {
    answer = { message: text("choice_unreachable") };
  }
  card.removeAttribute("aria-busy");
  if (answer.call) onSnapshot(answer.call);
  say(card, answer.message ?? "");
  keepFocus(card);
}

async function post(path, fields) {
  const response = await fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
    },
    body: new URLSearchParams(fields),
  });
  if (response.ok || response.status === 409) return response.json();
  const reason = { 400: "choice_reload", 401: "choice_logged_out", 403: "choice_forbidden" }[response.status];
  return { message: text(reason ?? "choice_failed") };
}

// Below the names; said to whoever does not see it.
export function say(card, message) {
  const words = card.querySelector("[data-choice-message]");
  if (words.textContent !== message) words.textContent = message;
}

// The button that was pressed has gone: the focus goes on to what can be done next, and never to the page's beginning.
function keepFocus(card) {
  const { activeElement } = document;
  if (activeElement !== document.body && activeElement.checkVisibility()) return;
  if (!card.isConnected) return;
  const next = ["[data-undo]", "[data-change]", "[data-choose]"].map((one) => card.querySelector(one));
  (next.find((one) => one?.checkVisibility()) ?? card).focus();
}

function onClick(event) {
  const rest = event.target.closest?.("[data-all-matches]");
  if (rest) {
    event.preventDefault();
    fetchAll(rest.closest("[data-call-id]"));
    return;
  }
  const button = event.target.closest?.("[data-choose], [data-scope], [data-undo], [data-change]");
  const card = button?.closest("[data-call-id]");
  if (!card) return;
  const state = stateOf(card);
  const path = `${state.call.paths.call}/assign`;
  const who = button.closest("[data-who]")?.dataset.who;
  if (button.matches("[data-scope]")) {
    // The second press of a double click on "choose" comes down on what has just unfolded there.
    if (event.detail < 2) send(card, path, { who, scope: button.dataset.scope });
  } else if (button.matches("[data-undo]")) {
    send(card, `${path}/undo`, { change: state.call.choice.undo });
  } else {
    if (button.matches("[data-change]")) state.changing = !state.changing;
    state.open = button.matches("[data-choose]") && state.open !== who ? who : null;
    onSnapshot(state.call);
  }
}

// Escape closes an open choice before it closes the card; true when there was one.
export function escape(target) {
  const card = target?.closest?.("[data-call-id]");
  const line = target?.closest?.("[data-who]");
  const state = card && states.get(card);
  if (!state || !line || state.open !== line.dataset.who) return false;
  state.open = null;
  onSnapshot(state.call);
  line.querySelector("[data-choose]").focus();
  return true;
}

// `apply` shows a snapshot.
export function start(apply) {
  onSnapshot = apply;
  place.addEventListener("click", onClick);
}

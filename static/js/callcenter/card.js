// One card: filled from a snapshot. Names come from outside, so they are only ever set as text.
import * as choose from "./choose.js";
import { duration, now, shown } from "./clock.js";
import * as facts from "./facts.js";
import { isSilent, isUnheard, text, told, wordsOf } from "./told.js";

const template = document.getElementById("call-card");

export function create() {
  return template.content.firstElementChild.cloneNode(true);
}

// How the far party is called, as surely as it is known.
export function nameOf(call) {
  const [first] = call.matches;
  if (call.colleague) return colleagueOf(call.colleague);
  if (call.certainty === "known") return withExtension(first.name, first);
  if (call.certainty === "probable") return withExtension(probably(call), first);
  if (call.certainty === "ambiguous") return call.paths.address && first.company ? first.company : text("ambiguous");
  return call.remote.kind === "withheld" ? text("withheld") : text("unknown");
}

function probably(call) {
  const [first, ...others] = new Set(call.matches.map((match) => match.company || match.name));
  return others.length ? text("probable_several") : text("probable", { name: first });
}

// Behind a switchboard: "Firma X, Durchwahl 57".
function withExtension(name, { extension }) {
  return extension ? text("extension", { name, extension }) : name;
}

function colleagueOf({ name, extension }) {
  if (!extension) return name;
  return name ? text("colleague", { name, extension }) : text("inside", { extension });
}

// Where a stranger's number comes from, and what kind of line it is.
export function originOf(call) {
  if (!call.origin) return "";
  return [call.origin.where[told.language], told.line_types[call.origin.line_type]].filter(Boolean).join(" · ");
}

// How the number is written beside the name; a colleague's extension stands in the name.
export const numberOf = (call) => (call.colleague ? "" : call.remote.display);

// The card in one sentence: for the live region, the card's name, and its one-line form.
export function sentenceOf(call) {
  const name = nameOf(call);
  // "from Max Muster", but not "from Number withheld".
  const isName = ![text("ambiguous"), text("withheld")].includes(name) && !name.startsWith(text("probable_several"));
  const party = isName && !isUnheard(call) ? ` ${text(call.direction === "out" ? "to" : "from", { name })}` : `: ${name}`;
  const place = call.certainty === "unknown" ? (call.origin?.where[told.language] ?? "") : "";
  const numbered = !isName || call.certainty === "unknown" ? [numberOf(call), place].filter(Boolean).join(", ") : "";
  const number = numbered ? ` (${numbered})` : "";
  const by = call.form === "line" && call.user ? ` – ${text("answered_by", { name: call.user.name })}` : "";
  return `${wordsOf(call).title}${party}${number}${by}`;
}

// In one line, of which the end may be cut: who it is, then what happens.
function shortOf(call) {
  if (call.form === "line") return sentenceOf(call);
  const named = call.certainty === "known" || call.certainty === "probable" || call.colleague;
  const who = [nameOf(call), named ? "" : numberOf(call)].filter(Boolean).join(" ");
  return `${who} · ${wordsOf(call).title}`;
}

function put(card, part, value) {
  const element = card.querySelector(`[data-${part}]`);
  if (element.textContent !== value) element.textContent = value;
  element.hidden = !value;
  return element;
}

function link(card, part, path) {
  const element = card.querySelector(`[data-${part}]`);
  if (!element) return; // not permitted
  element.hidden = !path;
  if (path) element.href = path;
}

// The fact that stands beside the name already.
const BESIDE_NAME = "addresses.customer_number";

function detail(match, { nameTold = match.name } = {}) {
  const parts = [match.company && !nameTold.includes(match.company) ? match.company : null];
  // A line never ends between the words and the number.
  if (match.customer_number) parts.push(text("customer_number", { number: match.customer_number }).replaceAll(" ", "\u00a0"));
  if (match.archived) parts.push(text("archived"));
  return parts.filter(Boolean).join(" · ");
}

// The phone button comes from the server with a number of its own; it gets the call's.
function fillPhone(card, call) {
  const place = card.querySelector("[data-phone]");
  const button = place.firstElementChild;
  place.hidden = !button || !call.remote.e164;
  if (place.hidden) return;
  const label = text("call", { number: call.remote.display });
  const blocked = told.blocked[call.remote.blocked];
  button.setAttribute("aria-label", blocked ? `${label}. ${blocked}` : label);
  button.title = blocked ?? label;
  if (blocked) {
    button.dataset.blocked = blocked;
    button.setAttribute("aria-disabled", "true");
  } else if (button.dataset.blocked) {
    delete button.dataset.blocked;
    button.removeAttribute("aria-disabled");
  }
  const icon = button.querySelector("use");
  icon.setAttribute("href", icon.getAttribute("href").replace(/#phone(-off)?$/, blocked ? "#phone-off" : "#phone"));
  if (button instanceof HTMLAnchorElement) {
    button.href = blocked ? "#" : `tel:${call.remote.e164}`;
  } else {
    button.value = call.remote.e164;
    button.dataset.number = call.remote.e164;
    button.dataset.shown = call.remote.display;
  }
}

function unheardOf(call) {
  if (isSilent(call)) return text("silent", { time: shown(call.received_at) });
  return isUnheard(call) ? text("assumed", { time: shown(call.ended_at) }) : "";
}

function endOf(call) {
  const by = call.user && call.direction === "in" ? text("answered_by", { name: call.user.name }) : "";
  const talked = call.talk_seconds ? text("talked", { duration: duration(call.talk_seconds) }) : "";
  return [by, talked].filter(Boolean).join(" · ");
}

// How long somebody has been waiting, or talking: for the eye only, as it changes each second.
export function count(card, call) {
  const since = call.form === "line" || isUnheard(call) ? null : { ringing: call.received_at, talking: call.answered_at }[call.phase];
  const value = since ? duration(Math.max(0, Math.floor((now() - Date.parse(since)) / 1000))) : "";
  for (const place of card.querySelectorAll("[data-since]")) {
    if (place.textContent !== value) place.textContent = value;
    place.hidden = !value;
  }
}

export function fill(card, call) {
  const words = wordsOf(call);
  const sentence = sentenceOf(call);
  card.dataset.callId = call.id;
  card.dataset.phase = call.phase;
  card.toggleAttribute("data-unheard", isUnheard(call));
  card.dataset.outcome = call.outcome ?? "";
  card.dataset.form = call.form;
  card.dataset.tone = words.tone;
  card.setAttribute("aria-label", sentence);

  const icon = card.querySelector("[data-icon]");
  icon.setAttribute("href", `${icon.getAttribute("href").split("#")[0]}#${words.icon}`);
  put(card, "title", words.title);
  const time = put(card, "time", text("at", { time: shown(call.received_at) }));
  time.dateTime = call.received_at;
  put(card, "short", shortOf(call));
  const unfold = card.querySelector("[data-unfold]");
  unfold.disabled = call.form === "line";
  unfold.setAttribute("aria-label", text("open", { name: shortOf(call) }));
  const fold = card.querySelector("[data-fold]");
  fold.hidden = call.form === "line";
  fold.setAttribute("aria-label", text("fold", { name: shortOf(call) }));
  card.querySelector("[data-close]").setAttribute("aria-label", text("close", { name: sentence }));

  put(card, "who", nameOf(call)).title = nameOf(call);
  const single = call.certainty === "known" || (call.certainty === "probable" && call.matches.length === 1);
  const beside = single ? detail(call.matches[0], { nameTold: nameOf(call) }) : "";
  put(card, "detail", beside).title = beside;
  put(card, "news", unheardOf(call));
  put(card, "missing", facts.fill(card.querySelector("[data-facts]"), call, single && call.matches[0].customer_number ? BESIDE_NAME : ""));
  const warning = facts.warnings(call).join(" · ");
  const flag = card.querySelector("[data-warning]");
  flag.hidden = !warning;
  flag.title = warning;
  flag.querySelector("[data-warning-words]").textContent = warning;
  put(card, "number", numberOf(call));
  put(card, "origin", originOf(call));
  const line = call.line ? call.line.name || call.line.display : "";
  put(card, "line", line ? text(call.direction === "out" ? "line_out" : "line", { line }) : "").title = call.line?.display ?? "";
  put(card, "end", endOf(call));
  count(card, call);
  choose.fill(card, call, detail);
  fillPhone(card, call);

  link(card, "address", call.paths.address);
  link(card, "new-address", call.certainty === "unknown" && call.storable ? call.paths.new_address : null);
  link(card, "store", call.paths.number);
  const store = card.querySelector("[data-store]");
  if (store && call.storable) {
    store.dataset.store = call.storable;
    put(card, "store-words", text(`store_${call.storable}`));
  }
  link(card, "note", call.paths.note);
  const block = card.querySelector("[data-block-call]");
  if (!block) return; // not permitted
  const blockable = call.direction === "in" && ["dialable", "unverified"].includes(call.remote.kind);
  block.hidden = !blockable || Boolean(card.querySelector("[data-blocked]"));
  block.dataset.blockCall = call.id;
}

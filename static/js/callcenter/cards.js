// The cards of the current calls: what goes on first, the newest on top, at most five, the rest behind "+n" (see order.js).
// Snapshots replace, never add up.
import { announce } from "./announce.js";
import * as attention from "./attention.js";
import * as beneath from "./beneath.js";
import { count, create, fill, sentenceOf } from "./card.js";
import * as cardKeys from "./card_keys.js";
import * as choose from "./choose.js";
import { heard, now } from "./clock.js";
import * as facts from "./facts.js";
import * as leaving from "./leaving.js";
import * as memory from "./memory.js";
import { compare, isOwnTalk, linesOf, shownOf } from "./order.js";
import { isUnheard, text, told } from "./told.js";

const MOST = 5;
const STAYS_MS = 20_000; // after the last change of state
const LINE_MS = 6_000; // "answered by …"
const FOLD_OUTGOING_MS = 60_000;
const TICK_MS = 500;
const narrow = window.matchMedia("(max-width: 767.98px)");

const place = document.querySelector("[data-call-cards]");
const overflow = document.querySelector("[data-call-overflow]");
const cards = new Map(); // call id → { call, element, leaveAt, foldAt, folded }
const versions = new Map(); // call id → newest version heard of, also of calls without a card
let expanded = false;
let ticker = 0;
let lastTick = 0;
let cameFrom = null;

// ------------------------------------------------------------------------------------------------------- what we hear

// A single call changed. `news`: it happens now, not some time before this page was there.
export function apply(call, { news = true } = {}) {
  heard(call.now);
  if (call.version < (versions.get(call.id) ?? 0)) return;
  versions.set(call.id, call.version);
  facts.take(call.id, call.facts);
  const card = cards.get(call.id);
  if (call.form === "hidden" || memory.isClosed(call.id)) return remove(call.id);
  // What changes long after a call, such as a name, brings no card back that has gone.
  if (!card && (call.form === "line" || leavesAt(call, 0) <= now())) return;
  show(call, card, news);
}

// What is known of whom a call is with.
export function know({ id, ...known }) {
  if (!facts.take(id, known)) return;
  const card = cards.get(id);
  if (!card) return;
  fill(card.element, card.call);
  warn(card);
  arrange();
}

// What must not be overlooked is said once, mostly together with the call itself.
function warn(card) {
  const words = facts.warnings(card.call).join(". ");
  if (words && card.call.form === "full" && !isHushed(card)) announce(`${card.call.id}.${words}`, words);
}

// All current calls: whatever is not among them goes, unless it was told after this state was read.
export function replace(state) {
  heard(state.now);
  const current = new Set(state.calls.map((call) => call.id));
  for (const [id, card] of cards) {
    if (!current.has(id) && card.call.now <= state.now) remove(id);
  }
  for (const call of state.calls) apply(call, { news: false });
}

// Calls that may be over for long while their cards are still here: what is known of them has to be asked for.
export function held() {
  const here = [...cards.values()].filter(({ call, element }) => call.phase === "ended" || element.matches(":hover, :focus-within"));
  return here.map((card) => card.call.id);
}

export function clear() {
  for (const id of [...cards.keys()]) remove(id);
}

// ------------------------------------------------------------------------------------------------------------- showing

// When a card goes by itself; `since` is when its present state was first shown here.
function leavesAt(call, since) {
  if (call.form === "line") return since + LINE_MS;
  const shownAtLeast = (iso) => Math.max(Date.parse(iso), since) + STAYS_MS;
  if (call.phase === "ended") return shownAtLeast(call.ended_at);
  // Somebody else talks, though nobody here is known to: that is no longer everybody's card.
  if (call.phase === "talking" && call.user?.id !== told.user_id) return shownAtLeast(call.answered_at);
  return Infinity;
}

function show(call, existing, news) {
  const card = existing ?? { element: create(), folded: false };
  const state = stateOf(call);
  const changed = card.state !== state;
  card.call = call;
  card.state = state;
  if (changed) {
    card.leaveAt = leavesAt(call, existing || news ? now() : 0);
    card.foldAt = call.direction === "out" && call.phase !== "ended" ? Date.parse(call.received_at) + FOLD_OUTGOING_MS : Infinity;
    card.folded = card.foldAt <= now();
  }
  fill(card.element, call);
  if (!existing) {
    cards.set(call.id, card);
    if (news) card.element.classList.add("is-new");
    listen(card);
    insert(card);
  }
  if (changed && !isHushed(card)) announce(state, sentenceOf(call));
  warn(card);
  arrange();
  tickWhileNeeded();
}

// What is announced once, and after what change a card stays for a while.
const stateOf = (call) => [call.id, call.phase, call.outcome, call.form, isUnheard(call) ? "unheard" : ""].join(".");

function insert(card) {
  const behind = inPlace().find((other) => compare(card.call, other.call) < 0);
  place.insertBefore(card.element, behind ? behind.element : overflow);
}

function listen(card) {
  const { element } = card;
  element.querySelector("[data-close]").addEventListener("click", () => close(card.call.id));
  element.querySelector("[data-mute]").addEventListener("click", () => {
    attention.mute(card.call.id);
    element.querySelector("[data-close]").focus();
  });
  element.querySelector("[data-unfold]").addEventListener("click", () => fold(card, false));
  element.querySelector("[data-fold]").addEventListener("click", () => fold(card, true));
}

// By hand: it stays so for this call, in every window and after a reload.
function fold(card, folded) {
  memory.fold(card.call.id, folded);
  const had = card.element.contains(document.activeElement);
  arrange();
  if (had) card.element.querySelector(folded ? "[data-unfold]" : "[data-fold]").focus();
}

const isOpened = (card) => memory.foldOf(card.call.id) === false;

// Nothing moves under the pointer or the focus.
const isBusy = () => place.matches(":hover") || place.contains(document.activeElement);

// Puts the cards in their order, and returns them so.
function inOrder() {
  const now = inPlace();
  if (isBusy()) return now;
  const wanted = [...now].sort((one, other) => compare(one.call, other.call));
  wanted.forEach((card, index) => {
    const there = place.querySelectorAll("[data-call-id]")[index];
    if (there !== card.element) place.insertBefore(card.element, there);
  });
  return wanted;
}

function inPlace() {
  return [...place.querySelectorAll("[data-call-id]")].map((element) => cards.get(Number(element.dataset.callId)));
}

function arrange() {
  const all = inOrder();
  const calls = all.map((card) => card.call);
  const more = all.length - MOST;
  const seen = expanded ? new Set(calls) : shownOf(calls, MOST);
  const lines = linesOf(calls, narrow.matches);
  for (const card of all) {
    card.element.hidden = !seen.has(card.call);
    const folded = memory.foldOf(card.call.id) ?? (card.folded || isHushed(card) || lines.has(card.call));
    card.element.classList.toggle("is-folded", folded || card.call.form === "line");
  }
  foldWhatHasNoRoom(all);
  overflow.hidden = more <= 0;
  if (more <= 0) expanded = false;
  overflow.setAttribute("aria-expanded", String(expanded));
  overflow.textContent = expanded ? text("fewer_cards") : text(more === 1 ? "one_more_card" : "more_cards", { count: more });
  place.classList.toggle("has-cards", all.length > 0);
  attention.cards(calls);
}

// Who does not want to be disturbed finds a ringing call as one silent line.
function isHushed(card) {
  return attention.isQuiet() && card.call.phase === "ringing" && card.call.direction === "in" && !isOpened(card);
}

// On a low screen the last cards are lines, so that none covers the head of the page.
function foldWhatHasNoRoom(all) {
  if (isBusy()) return;
  const [, ...others] = all.filter((card) => !card.element.hidden);
  const own = others.filter((card) => isOwnTalk(card.call));
  for (const card of [...own, ...others.filter((other) => !own.includes(other))].reverse()) {
    if (place.scrollHeight <= place.clientHeight) return;
    if (!isOpened(card)) card.element.classList.add("is-folded");
  }
}

function remove(id) {
  const card = cards.get(id);
  if (!card) return;
  const hadFocus = card.element.contains(document.activeElement);
  const next = card.element.nextElementSibling ?? card.element.previousElementSibling;
  cards.delete(id);
  facts.forget(id);
  card.element.remove();
  arrange();
  if (hadFocus) (next?.dataset?.callId && !next.hidden ? next : back())?.focus();
  tickWhileNeeded();
}

function close(id) {
  memory.close(id);
  remove(id);
}

// A ring tone can be stopped where it is told that it rings.
function showMutes() {
  for (const { call, element } of cards.values()) {
    const rings = call.phase === "ringing" && !isUnheard(call) && call.direction === "in" && call.form === "full";
    element.querySelector("[data-mute]").hidden = !rings || !attention.sounds() || attention.isMuted(call.id);
  }
}

// What would have opened by itself, had nothing unsaved been on the page.
function offer({ id, path }) {
  const element = cards.get(id)?.element;
  if (!element) return;
  element.querySelector("[data-offer]").hidden = false;
  element.querySelector("[data-offer-open]").href = path;
}

// -------------------------------------------------------------------------------------------------------------- leaving

function tickWhileNeeded() {
  if (cards.size && !ticker) {
    lastTick = now();
    ticker = setInterval(tick, TICK_MS);
  } else if (!cards.size && ticker) {
    clearInterval(ticker);
    ticker = 0;
  }
}

function tick() {
  const at = now();
  const passed = Math.max(0, at - lastTick);
  lastTick = at;
  for (const [id, card] of cards) {
    count(card.element, card.call);
    // Nothing came, and that is news too.
    if (card.state !== stateOf(card.call)) show(card.call, card, true);
    if (card.element.matches(":hover, :focus-within")) {
      // Somebody reads it: time stands still.
      card.leaveAt += passed;
      card.foldAt += passed;
    } else if (card.leaveAt <= at) {
      remove(id);
    } else if (card.foldAt <= at && !card.folded) {
      card.folded = true;
      arrange();
    }
  }
}

// ------------------------------------------------------------------------------------------------------------- keyboard

function back() {
  return cameFrom?.isConnected ? cameFrom : document.getElementById("main");
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  const first = place.querySelector("[data-call-id]:not([hidden])");
  if (event.key === "F8" && first) {
    event.preventDefault();
    if (place.contains(document.activeElement)) return back()?.focus();
    // From nowhere in particular one goes back to the content.
    cameFrom = document.activeElement === document.body ? null : document.activeElement;
    first.focus();
  } else if (event.key === "Escape" && choose.escape(event.target)) {
    event.preventDefault();
  } else if (event.key === "Escape" && first && !isTaken(event.target)) {
    const own = event.target.closest?.("[data-call-id]");
    close(Number((own ?? first).dataset.callId));
  }
}

// Escape belongs to an open menu or dialog, and to a search field with something in it.
function isTaken(target) {
  if (document.querySelector(".dropdown-menu.show, .modal.show, .offcanvas.show, dialog[open]")) return true;
  return target instanceof HTMLInputElement && target.type === "search" && target.value !== "";
}

export function start() {
  overflow.addEventListener("click", () => {
    expanded = !expanded;
    arrange();
  });
  narrow.addEventListener("change", arrange);
  window.addEventListener("resize", arrange);
  place.addEventListener("pointerleave", arrange);
  place.addEventListener("focusout", (event) => !place.contains(event.relatedTarget) && setTimeout(arrange));
  // The end of the page can be scrolled out from under them.
  new ResizeObserver(() => document.documentElement.style.setProperty("--call-room", `${place.offsetHeight}px`)).observe(place);
  leaving.start();
  beneath.start();
  cardKeys.start(place);
  document.addEventListener("keydown", onKey);
  document.addEventListener("durchwahl:attention", showMutes);
  document.addEventListener("durchwahl:offer", ({ detail }) => offer(detail));
  memory.onElsewhere(() => {
    for (const id of [...cards.keys()]) if (memory.isClosed(id)) remove(id);
    arrange();
  });
}

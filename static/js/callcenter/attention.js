// Makes the user aware of a ringing call: one tab sounds and notifies for all, each tab tells it in title and icon,
// and at most one tab opens what the user wants to see.
import { nameOf, numberOf, originOf, sentenceOf } from "./card.js";
import { now } from "./clock.js";
import * as desktop from "./desktop.js";
import * as memory from "./memory.js";
import * as ringtone from "./ringtone.js";
import * as tabs from "./tabs.js";
import * as tabtitle from "./tabtitle.js";
import { isSilent, text, told } from "./told.js";
import { isUnsaved } from "../unsaved.js";

const LOOK_AGAIN_MS = 1_500; // while it rings: the tab that sounds may have gone, the focus may have left

const NEWS_MS = 10_000; // nothing opens by itself for what happened longer ago

let me = null;
let shown = []; // the calls whose cards are shown
let missed = 0;
let muted = new Set();
let deciding = false;
let nextLook = 0;
let again = false;
let quietTimer = 0;

export const isQuiet = () => Boolean(me?.quiet_until) && Date.parse(me.quiet_until) > now();

const ringing = () => (isQuiet() ? [] : shown.filter((call) => call.phase === "ringing" && call.direction === "in" && call.form === "full" && !isSilent(call)));

const audible = () => ringing().filter((call) => !muted.has(call.id));

// ------------------------------------------------------------------------------------------------------------ what is new

export function settings(given) {
  me = given;
  clearTimeout(quietTimer);
  if (isQuiet()) quietTimer = setTimeout(update, Math.min(Date.parse(me.quiet_until) - now() + 50, 2 ** 31 - 1));
  update();
}

export function cards(calls) {
  shown = calls;
  const known = new Set(calls.map((call) => call.id));
  muted = new Set([...muted].filter((id) => known.has(id)));
  update();
}

export function missedCalls(count) {
  missed = count;
  update();
}

// ------------------------------------------------------------------------------------------------------------- deciding

function update() {
  const calls = ringing();
  tabtitle.show(calls.length ? titleOf(calls) : "", missed);
  document.dispatchEvent(new CustomEvent("durchwahl:attention"));
  if (!audible().length || me?.sound === "off") ringtone.stop();
  desktop.keepOnly(new Set(audible().map((call) => call.id)));
  if (!tabs.isLeading()) return;
  decide();
  for (const call of shown) pop(call);
}

const isNamed = (call) => call.colleague !== null || call.certainty === "known" || call.certainty === "probable";

function titleOf([call, ...others]) {
  if (others.length) return text("several", { count: others.length + 1 });
  return isNamed(call) ? text("rings", { name: nameOf(call) }) : text("somebody");
}

// Only the leading tab: who sounds, and whether the desktop is told. One decision after the other.
async function decide() {
  if (deciding) {
    again = true;
    return;
  }
  if (!me || !audible().length || (me.sound === "off" && !me.desktop)) return;
  deciding = true;
  const all = await tabs.census();
  deciding = false;
  const calls = audible();
  if (calls.length && me.sound !== "off" && !all.some((tab) => tab.plays)) {
    const chosen = all.find((tab) => tab.focus && tab.mayPlay) ?? all.find((tab) => tab.mayPlay);
    if (chosen?.id === tabs.id) ringtone.start(me.sound, me.volume);
    else if (chosen) tabs.send("ring", { to: chosen.id });
  }
  if (me.desktop && !all.some((tab) => tab.focus)) for (const call of calls) notify(call);
  clearTimeout(nextLook);
  nextLook = setTimeout(update, LOOK_AGAIN_MS);
  if (again) {
    again = false;
    decide();
  }
}

function notify(call) {
  const title = me.desktop_private ? text("somebody") : sentenceOf(call);
  const line = call.line ? text("line", { line: call.line.name || call.line.display }) : "";
  desktop.show(call, title, me.desktop_private ? line : [numberOf(call), originOf(call), line].filter(Boolean).join(" · "));
}

// --------------------------------------------------------------------------------------------------------------- muting

export const isMuted = (id) => muted.has(id);

export const sounds = () => Boolean(me) && me.sound !== "off" && !isQuiet();

// For this call, in all tabs.
export function mute(id, { elsewhere = false } = {}) {
  muted.add(id);
  if (!elsewhere) tabs.send("mute", { call: id });
  update();
}

// -------------------------------------------------------------------------------------------------------------- opening

function wanted(call) {
  if (!me || me.pop === "never" || isQuiet() || call.direction !== "in" || call.form !== "full") return null;
  if (now() - Date.parse(call.answered_at ?? call.received_at) > NEWS_MS) return null;
  const rings = call.phase === "ringing" && me.pop === "ring" && me.lines.includes(call.line?.key) && call.certainty === "known";
  const answered = call.phase === "talking" && me.pop === "answer" && call.user?.id === told.user_id;
  if (!rings && !answered) return null;
  if (call.paths.address) return me.pop_opens === "note" && told.may_edit ? call.paths.note : call.paths.address;
  if (call.certainty === "ambiguous" || !told.may_edit) return null; // the user chooses, or may not
  return call.remote.kind === "dialable" || call.remote.kind === "unverified" ? call.paths.new_address : null;
}

async function pop(call) {
  const path = wanted(call);
  if (!path || !memory.announcesFirst(`pop.${call.id}`)) return;
  const all = await tabs.census();
  const chosen = all.find((tab) => tab.focus) ?? all.find((tab) => tab.visible) ?? all[0];
  if (chosen.id === tabs.id) open(call.id, path);
  else tabs.send("open", { to: chosen.id, call: call.id, path });
}

function open(id, path) {
  if (!isUnsaved()) window.location.assign(path);
  else document.dispatchEvent(new CustomEvent("durchwahl:offer", { detail: { id, path } }));
}

// ------------------------------------------------------------------------------------------------------------- starting

export function start() {
  tabs.on("ring", (message) => {
    if (message.to === tabs.id && audible().length && sounds()) ringtone.start(me.sound, me.volume);
  });
  tabs.on("mute", (message) => mute(message.call, { elsewhere: true }));
  tabs.on("open", (message) => message.to === tabs.id && open(message.call, message.path));
  tabs.on("focus", () => desktop.keepOnly(new Set()));
  window.addEventListener("focus", () => {
    tabs.send("focus");
    desktop.keepOnly(new Set());
  });
  tabs.start(
    () => ({ plays: ringtone.plays(), mayPlay: ringtone.mayPlay(), visible: document.visibilityState === "visible" }),
    update,
  );
}

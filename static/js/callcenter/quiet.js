// "Do not disturb" behind the bell: how it stands, and its end when the time is over.
import { isQuiet } from "./attention.js";
import { now } from "./clock.js";
import { text } from "./told.js";

const form = document.querySelector("[data-quiet]");
const root = document.documentElement;
let timer = 0;

export function show(me) {
  if (!form) return;
  clearTimeout(timer);
  const quiet = isQuiet();
  const words = form.querySelector("[data-quiet-words]");
  words.dataset.plain ??= words.textContent;
  words.textContent = quiet ? text("quiet", { time: moment(me.quiet_until) }) : words.dataset.plain;
  form.querySelector("[data-quiet-choices]").hidden = quiet;
  form.querySelector("[data-quiet-end]").hidden = !quiet;
  for (const one of document.querySelectorAll("[data-quiet-on]")) one.hidden = !quiet;
  for (const one of document.querySelectorAll("[data-quiet-off]")) one.hidden = quiet;
  if (quiet) timer = setTimeout(() => show(me), Date.parse(me.quiet_until) - now() + 100);
}

function moment(iso) {
  const zone = { timeZone: root.dataset.timezone || undefined };
  const day = (date) => new Intl.DateTimeFormat("sv", zone).format(date);
  const until = new Date(iso);
  const today = day(until) === day(new Date(now()));
  const shape = today ? { timeStyle: "short" } : { weekday: "short", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(root.lang || "de", { ...shape, ...zone }).format(until);
}

// Moves the bar of an import with what the server tells; without it the page asks every few seconds.
import { connection } from "../live.js";

const language = document.documentElement.lang;
const number = new Intl.NumberFormat(language);
const MINUTES_FROM = 90; // seconds, as the server says it

function left(seconds) {
  const minutes = seconds >= MINUTES_FROM;
  const unit = new Intl.NumberFormat(language, { style: "unit", unit: minutes ? "minute" : "second", unitDisplay: "long" });
  return unit.format(minutes ? Math.round(seconds / 60) : Math.max(1, seconds));
}

function move(box, told) {
  const bar = box.querySelector("progress");
  // While the rows are counted nobody knows how many there are: the bar moves, and claims nothing.
  if (bar && told.total) {
    bar.max = told.total;
    bar.value = told.done;
  }
  for (const shown of box.querySelectorAll("[data-count]")) {
    const count = told[shown.dataset.count];
    if (shown.dataset.count === "total" && !count) continue;
    if (Number.isFinite(count)) shown.textContent = number.format(count);
  }
  const around = box.querySelector("[data-left-around]");
  if (around) {
    around.hidden = !Number.isFinite(told.seconds_left);
    if (!around.hidden) around.querySelector("[data-left]").textContent = left(told.seconds_left);
  }
}

function apply(told) {
  const box = document.querySelector(`[data-import="${Number(told.id)}"]`);
  if (!box) return;
  const [state, ...marks] = box.dataset.state.split("-");
  const other = told.state !== state || ("begun" in told && (told.begun !== marks.includes("begun") || told.ending !== marks.includes("ending")));
  if (other) box.dispatchEvent(new Event("import-changed"));
  else move(box, told);
}

if (document.querySelector("[data-import]")) connection().on("import", apply);

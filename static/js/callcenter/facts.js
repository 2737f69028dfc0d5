// What modules know of whom a call is with. It comes after the card, and again whenever it changes. Values come from
// outside, so they are only ever set as text.
import { day, when } from "./clock.js";
import { text, told } from "./told.js";

const template = document.getElementById("call-fact");
const newest = new Map(); // call id → what was told last

// Takes what is told of a call, unless it was read earlier than what is there; true when it is news.
export function take(id, facts) {
  const known = newest.get(id);
  if (!facts || (known && known.as_of > facts.as_of)) return false;
  newest.set(id, facts);
  return true;
}

export function forget(id) {
  newest.delete(id);
}

// What is known of whom the call is with now: of whom it seemed to be with before nothing is said.
export function of(call) {
  const facts = newest.get(call.id);
  return facts && facts.about === call.about ? facts : { items: [], failed: [] };
}

// What must not be overlooked, in a few words: "Liefersperre: Rechnung offen".
export function warnings(call) {
  return of(call)
    .items.filter((fact) => fact.tone === "danger" && told.facts[fact.kind])
    .map((fact) => [told.facts[fact.kind].label, wordsOf(fact)].filter(Boolean).join(": "));
}

function wordsOf(fact) {
  return fact.parts.map((part) => partOf(part, told.facts[fact.kind].words)).join(" · ");
}

function partOf(part, words) {
  if (typeof part !== "object") return String(part);
  if (part.word) return words[part.word].replace("{time}", () => (part.of ? partOf(part.of, words) : ""));
  return part.day ? day(part.day) : when(part.at);
}

// Lines stay the same elements, so that news takes the focus from no link. `besides` stands on the card already.
// Returns what is missing, in words.
export function fill(list, call, besides) {
  const { items, failed } = of(call);
  const lines = new Map([...list.querySelectorAll("[data-fact]")].map((line) => [line.dataset.fact, line]));
  const wanted = items
    .filter((fact) => told.facts[fact.kind] && fact.kind !== besides)
    .map((fact) => {
      const line = lines.get(fact.kind) ?? template.content.firstElementChild.cloneNode(true);
      fillLine(line, fact);
      return line;
    });
  const same = wanted.length === list.children.length && wanted.every((line, index) => line === list.children[index]);
  if (!same) list.replaceChildren(...wanted);
  list.hidden = !wanted.length;
  return failed.map((module) => text("facts_missing", { module: told.modules[module] ?? module })).join(" ");
}

function fillLine(line, fact) {
  const { label, icon } = told.facts[fact.kind];
  const words = wordsOf(fact);
  line.dataset.fact = fact.kind;
  line.dataset.tone = fact.tone;
  const use = line.querySelector("use");
  use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${icon}`);
  line.querySelector("svg").classList.toggle("d-none", fact.tone === "plain");
  line.querySelector("[data-fact-label]").textContent = label;
  const value = line.querySelector("[data-fact-value]");
  if (value.textContent !== words) value.textContent = words;
  line.title = words ? `${label}: ${words}` : label;
  if (fact.path) value.href = fact.path;
  else value.removeAttribute("href");
}

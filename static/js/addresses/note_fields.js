// The fields of a note's form as texts, by name: of a group of radio buttons the chosen one, of a tick "1" or nothing.
import { text } from "./note_told.js";

const all = (form, name) => [...form.elements].filter((field) => field.name === name);

export const has = (form, name) => all(form, name).length > 0;

export function read(form, name) {
  const [first, ...others] = all(form, name);
  if (first.type === "radio") return [first, ...others].find((field) => field.checked)?.value ?? "";
  if (first.type === "checkbox") return first.checked ? first.value : "";
  return first.value;
}

export function write(form, name, value) {
  const fields = all(form, name);
  const [first] = fields;
  if (first.type === "radio") {
    const chosen = fields.find((field) => field.value === value) ?? another(fields.at(-1), value);
    chosen.checked = true;
  } else if (first.type === "checkbox") {
    first.checked = value !== "";
  } else {
    first.value = value;
  }
}

// Who was found and chosen in another window stands in no list here.
function another(sibling, value) {
  const label = sibling.closest("label").cloneNode(true);
  const field = label.querySelector("input");
  field.value = value;
  label.querySelector("span").textContent = text("chosen_elsewhere");
  sibling.closest("label").before(label);
  return field;
}

// Where something is said about a field: below it.
export function placeBelow(form, name) {
  const field = all(form, name)[0];
  return field.closest("fieldset, .mb-3, label") ?? field;
}

// The field to go to when it is wrong, or somebody has to decide about it.
export const fieldOf = (form, name) => all(form, name)[0];

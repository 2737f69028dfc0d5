// Two windows typed into the same field: both texts are shown, and a person decides which one stays, or both.
import * as fields from "./note_fields.js";
import { text } from "./note_told.js";

export function ask(form, name, theirs, decided) {
  form.querySelector(`[data-note-conflict="${name}"]`)?.remove();
  const box = document.createElement("div");
  box.className = "alert alert-warning note-conflict";
  box.dataset.noteConflict = name;
  box.setAttribute("role", "alert");
  const head = document.createElement("p");
  head.className = "mb-1";
  head.textContent = text("conflict");
  const quoted = document.createElement("div");
  quoted.className = "note-text mb-2";
  quoted.textContent = shown(form, name, theirs) || text("nothing");
  const buttons = document.createElement("div");
  buttons.className = "btn-list";
  const mine = () => fields.read(form, name);
  const offers = [[text("take_mine"), mine], [text("take_theirs"), () => theirs]];
  if (fields.fieldOf(form, name) instanceof HTMLTextAreaElement) offers.push([text("take_both"), () => `${mine()}\n\n${theirs}`]);
  for (const [label, value] of offers) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = label;
    button.addEventListener("click", () => {
      box.remove();
      decided(value());
      fields.fieldOf(form, name).focus();
    });
    buttons.append(button);
  }
  box.append(head, quoted, buttons);
  fields.placeBelow(form, name).after(box);
}

// A choice in the words of the list, not its number.
function shown(form, name, value) {
  const field = fields.fieldOf(form, name);
  if (field instanceof HTMLSelectElement) return [...field.options].find((option) => option.value === value)?.textContent ?? value;
  if (field.type === "radio" || field.type === "checkbox") {
    return [...form.elements].find((one) => one.name === name && one.value === value)?.closest("label").textContent.trim() ?? text("chosen_elsewhere");
  }
  return value;
}

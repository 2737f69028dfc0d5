// Says beside a number, while it is typed, how it is read or why it cannot be.
import { ask, button, eachEditor, icon, others } from "./hints.js";

const PAUSE = 350;

const takeOver = (place, input, suggestion) =>
  button(place.dataset.suggestionLabel.replace("…", suggestion), () => {
    input.value = suggestion;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  });

const show = (place, input, reading, kept) => {
  const line = document.createElement("span");
  place.replaceChildren(line);
  if (!reading.problem) {
    line.className = "text-secondary";
    line.textContent = [reading.display, reading.origin, reading.switchboard].filter(Boolean).join(" · ");
    if (reading.switchboard_suggestion) place.append(takeOver(place, input, reading.switchboard_suggestion));
    return;
  }
  line.className = "text-warning-emphasis";
  line.append(icon("alert-triangle"), ` ${reading.problem} ${kept} `);
  if (reading.parts.length > 1) {
    place.append(
      button(place.dataset.splitLabel, () => {
        input.dispatchEvent(new CustomEvent("numbers:split", { bubbles: true, detail: reading.parts }));
      }),
    );
  } else if (reading.suggestion) {
    place.append(takeOver(place, input, reading.suggestion));
  }
};

eachEditor((editor) => {
  const country = () => editor.closest("form").elements[editor.dataset.countryField]?.value ?? editor.dataset.country;
  const waiting = new WeakMap();
  const asked = new WeakMap();

  const read = async (input) => {
    const row = input.closest("[data-number-row]");
    const place = row.querySelector("[data-number-read]");
    const raw = input.value;
    const fields = {
      raw,
      country: country(),
      kind: row.querySelector("[data-number-kind]").value,
      address_id: editor.closest("form").dataset.addressId ?? "",
    };
    if (row.querySelector("[data-number-switchboard]").checked) fields.switchboard = "y";
    asked.set(input, fields);
    const reading = await ask(editor.dataset.readUrl, fields);
    // What came back late belongs to a row that has changed since.
    if (input.value !== raw || asked.get(input) !== fields) return;
    if (!reading) return place.replaceChildren();
    show(place, input, reading, editor.dataset.kept);
    if (reading.told) place.append(" ", others(reading));
  };

  editor.addEventListener("input", (event) => {
    if (!event.target.matches("[data-number-raw]")) return;
    clearTimeout(waiting.get(event.target));
    waiting.set(event.target, setTimeout(read, PAUSE, event.target));
  });

  // What a switchboard catches depends on its box and on the kind: a fax catches nothing.
  editor.addEventListener("change", (event) => {
    if (!event.target.matches("[data-number-switchboard], [data-number-kind]")) return;
    const input = event.target.closest("[data-number-row]").querySelector("[data-number-raw]");
    if (input.value) read(input);
  });

  // Rows that came marked get their buttons; what was typed before this script was there is read now.
  for (const input of editor.querySelectorAll("[data-number-raw]")) {
    const row = input.closest("[data-number-row]");
    const marked =
      row.querySelector("[data-number-switchboard]").checked || row.querySelector("[data-number-read] .text-warning-emphasis");
    if (marked || input.value !== input.defaultValue) read(input);
  }

  // Another country reads the same digits differently.
  editor.closest("form").elements[editor.dataset.countryField]?.addEventListener("change", () => {
    for (const input of editor.querySelectorAll("[data-number-raw]")) if (input.value) read(input);
  });
});

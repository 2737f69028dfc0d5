// Adds and removes rows of the numbers' editor. Without scripts the rows that are there still work.
import { eachEditor } from "./hints.js";

eachEditor((editor) => {
  const rows = editor.querySelector("[data-number-rows]");
  const template = editor.querySelector("[data-number-template]");
  let next = rows.children.length;

  const add = (value = "", kind = "") => {
    const row = template.content.cloneNode(true).firstElementChild;
    for (const element of [row, ...row.querySelectorAll("*")]) {
      for (const name of ["id", "name", "for", "aria-describedby"]) {
        const text = element.getAttribute(name);
        if (text) element.setAttribute(name, text.replace("__place__", String(next)));
      }
    }
    next += 1;
    rows.append(row);
    const input = row.querySelector("[data-number-raw]");
    if (kind) row.querySelector("select").value = kind;
    if (value) {
      input.value = value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    return input;
  };

  editor.querySelector("[data-number-add]").addEventListener("click", () => add().focus());

  editor.addEventListener("click", (event) => {
    const button = event.target.closest("[data-number-remove]");
    if (!button) return;
    const row = button.closest("[data-number-row]");
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (neighbour?.querySelector("[data-number-raw]") ?? editor.querySelector("[data-number-add]")).focus();
  });

  // Several numbers in one field are spread over rows: see number_reading.js.
  editor.addEventListener("numbers:split", (event) => {
    const row = event.target.closest("[data-number-row]");
    const [first, ...others] = event.detail;
    const input = row.querySelector("[data-number-raw]");
    input.value = first;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    for (const number of others) add(number, row.querySelector("select").value);
  });
});

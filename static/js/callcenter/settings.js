// The settings' page: text and table of the accounts follow each other, lines are added and removed, a secret is made.
const form = document.getElementById("setup");
const text = document.getElementById("accounts");

// ------------------------------------------------------------------------------------------------------ accounts
function uidOf(line) {
  const colon = line.indexOf(":");
  return colon < 0 ? "" : line.slice(colon + 1).trim().toLowerCase().replace(/^sip:/, "");
}

function writeText(uid, username) {
  const lines = text.value.split("\n");
  const place = lines.findIndex((line) => uidOf(line) === uid);
  if (!username) text.value = lines.filter((line) => uidOf(line) !== uid).join("\n");
  else if (place >= 0) {
    lines[place] = `${username}:${uid}`;
    text.value = lines.join("\n");
  } else text.value = [...lines.filter((line) => line.trim()), `${username}:${uid}`].join("\n");
}

function readText() {
  const names = new Map();
  for (const line of text.value.split("\n")) {
    const uid = uidOf(line);
    if (uid && !names.has(uid)) names.set(uid, line.slice(0, line.indexOf(":")).trim().toLowerCase());
  }
  for (const select of form.querySelectorAll(".accounts-pick")) {
    const name = names.get(select.dataset.uid);
    const option = [...select.options].find((one) => name && one.dataset.username?.toLowerCase() === name);
    select.value = option ? option.value : "";
    const tick = form.querySelector(`[name=accept][data-uid="${CSS.escape(select.dataset.uid)}"]`);
    if (tick) tick.checked = select.value === tick.dataset.user;
  }
}

function pick(select) {
  writeText(select.dataset.uid, select.selectedOptions[0]?.dataset.username ?? "");
  readText();
}

function accept(tick) {
  const select = form.querySelector(`.accounts-pick[data-uid="${CSS.escape(tick.dataset.uid)}"]`);
  select.value = tick.checked ? tick.dataset.user : "";
  pick(select);
}

// --------------------------------------------------------------------------------------------------------- lines
let added = 0;

function addLine() {
  added += 1;
  const row = document.querySelector("[data-new-line]").content.firstElementChild.cloneNode(true);
  for (const field of row.querySelectorAll("[name]")) field.name = field.name.replace("__new__", `n${added}`);
  row.querySelector("[name=line_row]").value = `n${added}`;
  const rows = document.querySelector("[data-lines]");
  rows.insertBefore(row, rows.querySelector(".lines-proposed"));
  reveal();
  row.querySelector("input:not([type=hidden])").focus();
}

function removeLine(button) {
  const row = button.closest("tr");
  const next = row.nextElementSibling?.querySelector("input:not([type=hidden])") ?? document.querySelector("[data-add-line]");
  row.remove();
  next.focus();
}

function showChosen(details) {
  const names = [...details.querySelectorAll("input:checked")].map((one) => one.parentElement.querySelector(".form-check-label").textContent.trim());
  const shown = details.querySelector("[data-chosen]");
  shown.textContent = names.join(", ") || shown.dataset.nobody;
}

// -------------------------------------------------------------------------------------------------------- secret
function generate(button) {
  const field = document.getElementById(button.dataset.generate);
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  field.value = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  field.type = "text";
  const part = button.closest("[data-secret]");
  part.querySelector("[data-copy]").hidden = false;
  part.querySelector("[data-generated]").hidden = false;
  field.focus();
  field.select();
}

// ---------------------------------------------------------------------------------------------------------- page
function reveal() {
  for (const button of document.querySelectorAll("[data-add-line], [data-remove-line], [data-accept-all]")) button.hidden = false;
}

form.addEventListener("input", (event) => {
  if (event.target === text) readText();
});
form.addEventListener("change", (event) => {
  if (event.target.matches(".accounts-pick")) pick(event.target);
  if (event.target.matches("[name=accept]")) accept(event.target);
  const choice = event.target.closest(".user-choice");
  if (choice) showChosen(choice);
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.generate) {
    event.preventDefault();
    generate(button);
  }
  if ("addLine" in button.dataset) addLine();
  if ("removeLine" in button.dataset) removeLine(button);
  if ("acceptAll" in button.dataset) {
    for (const tick of form.querySelectorAll("[name=accept]:not(:checked)")) {
      tick.checked = true;
      accept(tick);
    }
  }
});
document.body.addEventListener("htmx:oobAfterSwap", reveal);
reveal();

// Whether the page holds something that a person typed and has not saved: then nothing may leave it by itself, and
// whoever leaves it is asked.
const IGNORED = new Set(["hidden", "submit", "button", "search", "password"]);
const PASSING_MS = 1_000; // a link to another program leaves no page, though browsers ask as if it did

export function isUnsaved() {
  if (document.querySelector("dialog[open], .modal.show, .offcanvas.show")) return true;
  return [...document.forms].some(holds);
}

const holds = (form) => form.method === "post" && !form.dataset.sent && [...form.elements].some(isChanged);

function isChanged(field) {
  if (IGNORED.has(field.type) || field.disabled) return false;
  if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
  if (field instanceof HTMLSelectElement) return isChosen(field);
  if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  return false;
}

// Without a marked entry a browser takes the first one.
function isChosen(select) {
  const marked = [...select.options].some((option) => option.defaultSelected);
  return [...select.options].some((option, place) => option.selected !== (marked ? option.defaultSelected : !select.multiple && place === 0));
}

// --------------------------------------------------------------------------------------------------------- who leaves

// Only forms that would be a pity: a search, a number to dial or a marked row is nothing to ask about.
const isRefused = (form) => !form.dataset.sent && form.querySelector("[aria-invalid=true]") !== null;

const isPity = () => [...document.querySelectorAll("form[data-asks]")].some((form) => holds(form) || isRefused(form));

let passing = 0;

// Who presses "Cancel" has answered before he is asked.
function onClick(event) {
  const link = event.target.closest?.("a[href]");
  if (link && (link.matches("[data-cancels]") || !/^https?:$/.test(link.protocol))) passing = Date.now();
}

if (document.querySelector("form[data-asks]")) {
  document.addEventListener("click", onClick, true);
  window.addEventListener("beforeunload", (event) => {
    if (Date.now() - passing > PASSING_MS && isPity()) event.preventDefault();
  });
}

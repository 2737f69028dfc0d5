// Whether the page holds something that a person typed and has not saved: then nothing may leave it by itself.
const IGNORED = new Set(["hidden", "submit", "button", "search", "password"]);

export function isUnsaved() {
  if (document.querySelector("dialog[open], .modal.show, .offcanvas.show")) return true;
  return [...document.forms].some(
    (form) => form.method === "post" && !form.dataset.sent && [...form.elements].some(isChanged),
  );
}

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

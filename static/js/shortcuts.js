// The list of keyboard shortcuts: opened by its buttons, and by "?" while nobody types.
const dialog = document.getElementById("shortcut-list");
const TYPES = "input, textarea, select, [contenteditable], [role=textbox], [role=combobox]";

// A menu or a dialog has keys of its own.
const isTaken = () => document.querySelector(".dropdown-menu.show, .modal.show, .offcanvas.show, dialog[open]") !== null;

function onKey(event) {
  if (event.key !== "?" || event.defaultPrevented || event.isComposing || event.metaKey) return;
  if ((event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph")) return;
  if (event.target.closest?.(TYPES) || isTaken()) return;
  event.preventDefault();
  dialog.showModal();
}

if (dialog) {
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-shortcuts-open]")) dialog.showModal();
    // Beside the list: the browser takes the ground around a dialog for the dialog itself.
    else if (event.target === dialog) dialog.close();
  });
  if (document.documentElement.dataset.shortcuts !== "off") document.addEventListener("keydown", onKey);
}

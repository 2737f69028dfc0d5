// Copies the field that a button names. Without HTTPS there is no clipboard for scripts: the old way still works there.
const SHOWN_MS = 2500;

async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    const type = field.type;
    field.type = "text";
    field.select();
    const copied = document.execCommand("copy");
    field.type = type;
    return copied;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button || button.dataset.busy) return;
  const field = document.querySelector(button.dataset.copy);
  if (!field || !(await copy(field))) return;
  button.focus();
  const words = button.querySelector("span");
  const before = words ? words.textContent : button.getAttribute("aria-label");
  const show = (text) => (words ? (words.textContent = text) : button.setAttribute("aria-label", text));
  button.dataset.busy = "1";
  button.classList.add("text-green");
  show(button.dataset.copied);
  setTimeout(() => {
    delete button.dataset.busy;
    button.classList.remove("text-green");
    show(before);
  }, SHOWN_MS);
});

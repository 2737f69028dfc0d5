// Blocking a caller with one click: on a card, in the journal, on the page of a call. What came of it takes the button's place.
const BLOCKS = "/callcenter/blocks/calls/";

async function block(button) {
  button.disabled = true;
  let answer;
  try {
    const response = await fetch(`${BLOCKS}${button.dataset.blockCall}`, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
    });
    answer = response.ok ? await response.json() : null;
  } catch {
    answer = null;
  }
  if (answer) return show(button, answer);
  button.disabled = false;
  button.classList.add("text-danger");
  button.title = button.dataset.blockFailed;
  button.setAttribute("aria-label", button.dataset.blockFailed);
  button.focus();
}

// The link leads to the entry: there it is taken off again.
function show(button, answer) {
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  told.className = "call-blocked";
  const link = told.appendChild(document.createElement("a"));
  link.href = answer.path;
  link.dataset.blocked = "";
  const held = document.activeElement === document.body || document.activeElement === button;
  button.hidden = true;
  button.after(told);
  link.textContent = answer.said;
  if (held) link.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-block-call]");
  if (!button) return;
  event.preventDefault();
  block(button);
});

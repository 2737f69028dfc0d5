// The page that checks numbers: an editor closes without leaving the list.
// Without scripts the link leads back to the list.
document.addEventListener("click", (event) => {
  const cancel = event.target.closest("[data-check-cancel]");
  const item = cancel?.closest("[data-check-item]");
  if (!item) return;
  event.preventDefault();
  item.querySelector(".check-edit").replaceChildren();
  item.querySelector("a[hx-get]")?.focus();
});

// Who asked for an editor begins to type.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.matches(".check-edit")) event.target.querySelector("[data-number-raw]")?.focus();
});

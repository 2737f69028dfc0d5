// A tick in the journal's filters asks at once, as nothing more is to be typed; the focus stays at it.
const TICKED = "durchwahl.journal.ticked";
const form = document.querySelector("form.call-filters");

form?.addEventListener("change", ({ target }) => {
  if (target.type !== "checkbox") return;
  sessionStorage.setItem(TICKED, target.name);
  form.requestSubmit();
});

// On a phone the filters would take the whole first screen.
const toggle = form?.querySelector(".call-filters-toggle");

toggle?.addEventListener("click", () => {
  const isOpen = form.querySelector(".call-filters-more").classList.toggle("is-open");
  toggle.setAttribute("aria-expanded", String(isOpen));
});

const ticked = sessionStorage.getItem(TICKED);
sessionStorage.removeItem(TICKED);
if (ticked && document.activeElement === document.body) form?.elements[ticked]?.focus();

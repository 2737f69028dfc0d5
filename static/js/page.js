// What every page has: htmx with CSRF, no inline styles, and forms that are sent once.
document.body.addEventListener("htmx:configRequest", (event) => {
  // Read each time: after another log-in the page may have got a new one.
  event.detail.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
});

// htmx remembers a field as it finds it: what was typed or chosen before has set off nothing, and is made known now.
// Whatever is to take notice has the event in its hx-trigger.
const changed = (field) => {
  if (field instanceof HTMLSelectElement) {
    return field.selectedIndex !== Math.max(0, [...field.options].findLastIndex((one) => one.defaultSelected));
  }
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
};

document.addEventListener(
  "htmx:load",
  () => {
    for (const field of document.querySelectorAll("input, select, textarea")) {
      if (changed(field)) field.dispatchEvent(new Event("changed-early", { bubbles: true }));
    }
  },
  { once: true },
);

// Of tabs that have no room beside each other the open one is in view; the page itself stays where it is.
const tab = document.querySelector(".page-tabs [aria-current]");
if (tab) {
  const bar = tab.closest(".page-tabs");
  bar.scrollLeft += tab.getBoundingClientRect().left - bar.getBoundingClientRect().left - (bar.clientWidth - tab.offsetWidth) / 2;
}

// A double click sends a form once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement)) return;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});

// Coming back with the browser's button shows the page as it was left: it may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Whom somebody has chosen in a list that is found anew stays chosen, and stays in the list.
let chosen = null;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  chosen = detail.target.matches(".picked") ? detail.target.querySelector("input:checked")?.closest("label") ?? null : null;
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (!chosen || !detail.target.matches(".picked")) return;
  const { name, value } = chosen.querySelector("input");
  let field = [...detail.target.querySelectorAll("input")].find((one) => one.name === name && one.value === value);
  if (!field) {
    detail.target.prepend(chosen);
    chosen.dataset.kept = "";
    field = chosen.querySelector("input");
  }
  field.checked = true;
  chosen = null;
});

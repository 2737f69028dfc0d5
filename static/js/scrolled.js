// A table that is wider than its place scrolls within it: then, and only then, Tab leads there, so that the arrow keys
// scroll it.
const fit = ({ target }) => {
  const scrolls = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
  if (scrolls) target.tabIndex = 0;
  else if (document.activeElement !== target) target.removeAttribute("tabindex");
};
const sizes = new ResizeObserver((entries) => entries.forEach(fit));

function watch() {
  for (const place of document.querySelectorAll(".table-responsive")) {
    sizes.observe(place);
    // The place may keep its size while what is in it grows.
    for (const table of place.children) sizes.observe(table);
  }
}

watch();
document.addEventListener("htmx:load", watch);

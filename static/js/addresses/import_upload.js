// A file that is missing or too large is told at once, not after minutes of sending it.
const form = document.querySelector("[data-upload]");

if (form) {
  const field = form.querySelector("input[type=file]");
  const error = form.querySelector("#file-error");

  const problem = () => {
    const file = field.files[0];
    if (!file) return form.dataset.missing;
    return file.size > Number(form.dataset.mostBytes) ? form.dataset.tooLarge : "";
  };

  const show = (text) => {
    error.textContent = text;
    error.classList.toggle("d-block", Boolean(text));
    field.classList.toggle("is-invalid", Boolean(text));
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };

  field.addEventListener("change", () => show(problem()));
  // Before page.js takes note of forms that are sent.
  form.addEventListener("submit", (event) => {
    const text = problem();
    if (!text) return;
    event.preventDefault();
    show(text);
    field.focus();
  });
}

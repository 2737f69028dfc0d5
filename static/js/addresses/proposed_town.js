// Puts the proposed town into its field. It goes as soon as there is something in the field.
for (const proposal of document.querySelectorAll("[data-proposed-town]")) {
  const field = proposal.closest("form").elements.city;
  const gone = () => {
    if (field.value) proposal.remove();
  };
  field.addEventListener("input", gone);
  gone(); // typed before this script was there
  proposal.querySelector("button").addEventListener("click", () => {
    field.value = proposal.dataset.proposedTown;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}

// Says beside e-mail address and VAT ID, while they are typed, who has the same. For numbers number_reading.js does.
import { ask, others } from "./hints.js";

const PAUSE = 350;

for (const form of document.querySelectorAll("form[data-duplicates-url]")) {
  for (const place of form.querySelectorAll("[data-live-of]")) {
    const input = form.elements[place.dataset.liveOf];
    let waiting = 0;
    let shown = input.defaultValue;

    const look = async () => {
      clearTimeout(waiting);
      const value = input.value;
      if (value === shown) return;
      shown = value;
      const { duplicatesUrl, addressId } = form.dataset;
      const answer = value.trim()
        ? await ask(duplicatesUrl, { field: input.name, value, address_id: addressId })
        : null;
      // What came back late belongs to a text that has changed since.
      if (input.value === value) place.replaceChildren(...(answer?.told ? [others(answer)] : []));
    };

    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(look, PAUSE);
    });
    input.addEventListener("change", look);
    // What was typed before this script was there.
    look();
  }
}

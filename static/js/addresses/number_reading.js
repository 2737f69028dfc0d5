// Says beside a number, while it is typed, how it is read or why it cannot be.
const token = document.querySelector('meta[name="csrf-token"]').content;
const PAUSE = 350;

const icon = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon icon-sm");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/vendor/icons.svg#${name}`);
  svg.append(use);
  return svg;
};

const button = (text, onClick) => {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "btn btn-sm";
  element.textContent = text;
  element.addEventListener("click", onClick);
  return element;
};

const show = (place, input, reading, kept) => {
  const line = document.createElement("span");
  place.replaceChildren(line);
  if (!reading.problem) {
    line.className = "text-secondary";
    line.textContent = reading.display;
    return;
  }
  line.className = "text-warning-emphasis";
  line.append(icon("alert-triangle"), ` ${reading.problem} ${kept} `);
  if (reading.parts.length > 1) {
    place.append(
      button(place.dataset.splitLabel, () => {
        input.dispatchEvent(new CustomEvent("numbers:split", { bubbles: true, detail: reading.parts }));
      }),
    );
  } else if (reading.suggestion) {
    place.append(
      button(place.dataset.suggestionLabel.replace("…", reading.suggestion), () => {
        input.value = reading.suggestion;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        input.focus();
      }),
    );
  }
};

for (const editor of document.querySelectorAll("[data-numbers]")) {
  const country = () => editor.closest("form").elements[editor.dataset.countryField]?.value ?? editor.dataset.country;
  const waiting = new WeakMap();

  const read = async (input) => {
    const place = input.closest("[data-number-row]").querySelector("[data-number-read]");
    const raw = input.value;
    const body = new URLSearchParams({ raw, country: country() });
    try {
      const answer = await fetch(editor.dataset.readUrl, {
        method: "POST",
        headers: { "X-CSRFToken": token },
        body,
      });
      // What came back late belongs to a text that has changed since.
      if (answer.ok && input.value === raw) show(place, input, await answer.json(), editor.dataset.kept);
    } catch {
      place.replaceChildren();
    }
  };

  editor.addEventListener("input", (event) => {
    if (!event.target.matches("[data-number-raw]")) return;
    clearTimeout(waiting.get(event.target));
    waiting.set(event.target, setTimeout(read, PAUSE, event.target));
  });

  // Rows that came marked get their buttons; what was typed before this script was there is read now.
  for (const input of editor.querySelectorAll("[data-number-raw]")) {
    const marked = input.closest("[data-number-row]").querySelector("[data-number-read] .text-warning-emphasis");
    if (marked || input.value !== input.defaultValue) read(input);
  }

  // Another country reads the same digits differently.
  editor.closest("form").elements[editor.dataset.countryField]?.addEventListener("change", () => {
    for (const input of editor.querySelectorAll("[data-number-raw]")) if (input.value) read(input);
  });
}

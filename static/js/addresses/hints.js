// What the scripts of numbers and duplicates share. Names are hostile text: textContent only.

// Call it with each numbers' editor, those too that htmx brings later.
export const eachEditor = (enliven) => {
  const alive = new WeakSet();
  const look = (root) => {
    for (const editor of root.querySelectorAll("[data-numbers]")) {
      if (alive.has(editor)) continue;
      alive.add(editor);
      enliven(editor);
    }
  };
  look(document);
  document.addEventListener("htmx:load", (event) => look(event.target.parentElement ?? document));
};

export const icon = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon icon-sm");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", new URL(`../../vendor/icons.svg#${name}`, import.meta.url).href);
  svg.append(use);
  return svg;
};

export const button = (text, onClick) => {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "btn btn-sm";
  element.textContent = text;
  element.addEventListener("click", onClick);
  return element;
};

// Who else has what is being typed; opened beside, so that nothing typed is lost.
export const others = (answer) => {
  const line = document.createElement("span");
  line.className = "text-warning-emphasis duplicate-hint";
  line.append(icon("alert-triangle"), ` ${answer.told} `);
  answer.others.forEach((other, place) => {
    const link = document.createElement("a");
    link.href = other.url;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = other.name;
    line.append(place ? ", " : "", link, other.note ? ` ${other.note}` : "");
  });
  return line;
};

const token = document.querySelector('meta[name="csrf-token"]').content;

// The answer as JSON, or null: a hint that does not come is no reason to disturb.
export const ask = async (url, fields) => {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "X-CSRFToken": token },
      body: new URLSearchParams(fields),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
};

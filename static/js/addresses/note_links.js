// Links that lead to the form of a note: which draft belongs to each, and which of them have one.
import { text } from "./note_told.js";

const header = document.querySelector("[data-note-drafts]");
const FORMS = 'a[href*="/crm?"], a[href*="/notes/new"], a:has(> .note-draft-badge)';
let places = new Set(header ? JSON.parse(header.dataset.places) : []);

// The same words as the server's for what a note is about; null for a link that leads elsewhere.
export function aboutOf(link) {
  const { origin, pathname, searchParams: query } = new URL(link.href, window.location.href);
  if (origin !== window.location.origin) return null;
  const address = /^\/addresses\/(\d+)\/crm$/.exec(pathname)?.[1] ?? (pathname === "/addresses/notes/new" ? "" : null);
  if (address === null) return null;
  const isPhone = query.get("telefon_notiz_erstellen") === "1";
  const kind = isPhone || pathname === "/addresses/notes/new" ? (query.get("kind") ?? "phone") : query.get("new");
  if (kind !== "phone" && kind !== "note") return null;
  if (query.get("origin")) return `${kind}:${query.get("origin")}`;
  const id = address || query.get("address_id");
  return id ? `${kind}:address:${id}` : `${kind}:-`;
}

// A link is marked by a word in it, and in its name where that stands apart.
function mark(link) {
  const about = link.getAttribute("href") ? aboutOf(link) : null;
  const has = about !== null && places.has(about) && !link.closest("[data-note-drafts], .note-draft");
  const badge = link.querySelector(".note-draft-badge");
  if (has && !badge) {
    const added = document.createElement("span");
    added.className = "badge bg-yellow-lt note-draft-badge";
    added.textContent = text("draft");
    link.append(added);
    if (link.hasAttribute("aria-label")) {
      link.dataset.noteLabel = link.getAttribute("aria-label");
      link.setAttribute("aria-label", `${link.dataset.noteLabel} (${text("draft")})`);
    }
  } else if (!has && badge) {
    badge.remove();
    if (link.dataset.noteLabel) link.setAttribute("aria-label", link.dataset.noteLabel);
  }
}

function markAll() {
  for (const link of document.querySelectorAll(FORMS)) mark(link);
}

function take(now) {
  places = new Set(now);
  if (header) {
    header.hidden = !places.size;
    const label = text("drafts", { count: places.size });
    const link = header.querySelector("a");
    link.title = label;
    link.setAttribute("aria-label", label);
    header.querySelector(".note-drafts-count").textContent = String(places.size);
  }
  markAll();
}

export function start() {
  document.addEventListener("note-places", ({ detail }) => take(detail));
  document.addEventListener("note-draft", ({ detail }) => take(detail.places));
  markAll();
  // Cards and lists come and change by themselves.
  let waiting = 0;
  new MutationObserver(() => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      markAll();
    });
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["href"] });
}

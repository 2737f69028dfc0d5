// An open page of an address hears that somebody, in whatever window, has written, changed or deleted a note of it.
import { connection, onConnection } from "../live.js";
import { refresh } from "../refresh.js";

const page = document.querySelector("[data-notes-of]");

if (page) {
  const of = Number(page.dataset.notesOf);
  connection().on("notes", ({ address_id: address }) => address === of && refresh());
  onConnection(refresh);
  // A draft has become a note, or was discarded.
  connection().on("note_draft", ({ version }) => !version && document.querySelector('[data-note-part="drafts"] li') && refresh());
}

// One form of a note, in the drawer or in a page: its draft, sending it once, and what comes back beside its fields.
import { Draft } from "./note_draft.js";
import { LoggedOut, nodesOf, post, reason, text } from "./note_told.js";

const FIRST = ['[aria-invalid="true"]', ".alert button", '[name="text"]', "input, select, textarea"];
const onMac = /Mac|iP(hone|ad)/.test(navigator.platform);

export class NoteForm {
  // `place` holds the form; `onSaved` gets what the server says of the note; `headers` are sent along,
  // `prefix` begins its ids.
  constructor(place, { onSaved, headers = {}, prefix = "" }) {
    this.place = place;
    this.prefix = prefix;
    this.onSaved = onSaved;
    this.headers = headers;
    place.addEventListener("submit", (event) => this.#onSubmit(event), true);
    place.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !this.form?.contains(event.target)) return;
      event.preventDefault();
      this.form.requestSubmit(this.form.querySelector('[type="submit"]'));
    });
    place.addEventListener("note-kept", ({ detail }) => this.#offerDiscard(detail));
    this.#attach();
  }

  get form() {
    return this.place.querySelector("form[data-note-form]");
  }

  put(html) {
    this.draft?.stop();
    this.place.replaceChildren(...nodesOf(html, this.prefix));
    window.htmx?.process(this.place);
    this.#attach();
  }

  focus() {
    const first = FIRST.map((selector) => this.place.querySelector(selector)).find(Boolean);
    first?.focus();
    // A draft is gone on with at its end.
    if (first instanceof HTMLTextAreaElement) first.setSelectionRange(first.value.length, first.value.length);
  }

  // Takes the form away; what was typed is kept. Returns whether there is a draft.
  async leave() {
    const draft = this.draft;
    if (!draft) return false;
    const { isKept } = draft;
    const sent = draft.flush();
    await Promise.race([sent, new Promise((done) => setTimeout(done, 1_000))]);
    draft.stop();
    this.draft = null;
    return isKept;
  }

  #attach() {
    const { form } = this;
    this.draft = form?.dataset.noteDraft ? new Draft(form) : null;
    const key = form?.querySelector("[data-note-key]");
    if (key && onMac) key.textContent = "⌘ ↵";
  }

  #offerDiscard({ discard }) {
    const button = this.place.querySelector("[data-note-discard]");
    this.place.querySelector("[data-note-discard-form]").action = discard;
    button.hidden = false;
  }

  #onSubmit(event) {
    if (event.target !== this.form) return;
    event.preventDefault();
    event.stopPropagation(); // or page.js would mark it as sent
    this.#send(event.target);
  }

  async #send(form) {
    if (form.dataset.sending) return; // a double click
    form.dataset.sending = "1";
    const button = form.querySelector('[type="submit"]');
    button.setAttribute("aria-disabled", "true"); // not `disabled`: that would lose the focus
    try {
      await this.#sendOnce(form);
    } catch (error) {
      this.#warn(error instanceof LoggedOut ? error.message : text("offline"));
    }
    this.draft?.resume();
    delete form.dataset.sending;
    button.removeAttribute("aria-disabled");
  }

  async #sendOnce(form) {
    const { draft } = this;
    if (draft) {
      await draft.flush();
      const [first] = draft.undecided;
      if (first) {
        this.#warn(text("decide"));
        form.querySelector(`[data-note-conflict="${first}"] button`)?.focus();
        return;
      }
    }
    draft?.pause();
    const answer = await post(form.action, new FormData(form), this.headers);
    if (answer.ok) {
      draft?.finish();
      this.draft = null;
      this.onSaved(await answer.json());
    } else if (answer.status === 409 || answer.status === 422) {
      this.put(await answer.text());
      this.focus();
    } else {
      this.#warn(reason(answer.status));
    }
  }

  // Above the form, which stays as it is.
  #warn(sentence) {
    this.place.querySelector("[data-note-warning]")?.remove();
    const alert = document.createElement("div");
    alert.className = "alert alert-warning";
    alert.dataset.noteWarning = "";
    alert.setAttribute("role", "alert");
    alert.textContent = sentence;
    this.place.prepend(alert);
    alert.scrollIntoView({ block: "nearest" });
  }
}


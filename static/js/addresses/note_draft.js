// The draft of one form: what is typed is at once in this browser, a moment later on the server, and in every other
// window with the same draft. Where two windows typed into the same field, both texts are shown and a person decides.
import { onConnection } from "../live.js";
import { ask } from "./note_conflict.js";
import * as fields from "./note_fields.js";
import { LoggedOut, post, reason, text, timeOf, told } from "./note_told.js";
import * as unsent from "./note_unsent.js";

const SAVE_MS = 700; // after the last key
const LONGEST_MS = 5_000; // and at the latest so long after the first
const RETRY_MS = [1_000, 2_000, 5_000];
// One after the other, also where a form is opened anew before what was typed in it has arrived: each tells the next
// what the server has.
let saving = Promise.resolve();

const bodyOf = (place, typed) => new URLSearchParams({ ...place, window: unsent.windowId, typed: JSON.stringify(typed) });

// What is on the server needs no keeping here.
function forgetStored(entry, draft) {
  if (draft && Object.entries(entry.typed).every(([name, value]) => draft.fields[name] === value)) unsent.forgetAsOf(entry);
}

// What windows that were closed could not send, as soon as any page is open again; `except` is open here.
export async function sendLeft(except) {
  for (const entry of unsent.leftOfAll(told.user_id)) {
    const { typed, form: place } = entry;
    if (!place?.kind || (except && entry.key.includes(` ${except} `))) continue;
    try {
      let answer = await post(told.save_path, bodyOf(place, typed));
      if (!answer.ok) continue;
      let { draft, places } = await answer.json();
      if (!draft) {
        // Its draft has become a note, or was discarded: what was typed afterwards is a new one.
        answer = await post(told.save_path, bodyOf({ ...place, base: 0 }, typed));
        if (!answer.ok) continue;
        ({ draft, places } = await answer.json());
      }
      document.dispatchEvent(new CustomEvent("note-places", { detail: places }));
      // What another window typed there meanwhile is decided about in the form.
      forgetStored(entry, draft);
    } catch {
      return; // no connection, or nobody logged in: the next page tries again
    }
  }
}

export class Draft {
  constructor(form) {
    this.form = form;
    this.config = JSON.parse(form.dataset.noteDraft);
    this.base = this.config.base;
    this.names = this.config.fields.filter((name) => fields.has(form, name));
    this.known = new Map(this.names.map((name) => [name, fields.read(form, name)])); // as the server has them
    this.held = new Map(); // fields about which a person has to decide → what stands there elsewhere
    this.unanswered = new Map(); // field → values that were sent, and may have arrived though nobody said so
    this.touched = new Set(this.config.touched);
    this.failures = 0;
    this.over = false;
    this.paused = false; // the note itself is on its way
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    form.addEventListener("input", () => this.#typed(), { signal });
    form.addEventListener("change", () => this.#typed(), { signal });
    document.addEventListener("note-draft", ({ detail }) => this.#heard(detail), { signal });
    document.addEventListener("note-origin", ({ detail }) => this.#ended(detail), { signal });
    window.addEventListener("online", () => this.#soon(0), { signal });
    window.addEventListener("focus", () => this.failures && this.#soon(0), { signal });
    window.addEventListener("pagehide", () => this.#leave(), { signal });
    // Another form of the page is sent, such as the log-out: afterwards it would be too late.
    document.addEventListener("submit", ({ target }) => target !== form && this.#leave(), { signal, capture: true });
    if (this.config.saved_at) this.#say(text("saved", { time: timeOf(this.config.saved_at) }));
    this.#takeUp();
    // What other windows typed since this form was made, or while the connection was away; without any, at least now.
    this.#ask();
    onConnection(() => this.#ask(), signal);
  }

  get about() {
    return this.config.about;
  }

  // Whether anything of it is kept, here or on the server.
  get isKept() {
    return this.base > 0 || Object.keys(this.#changed()).length > 0;
  }

  get undecided() {
    return [...this.held.keys()];
  }

  // Everything typed is on the server when this returns true.
  async flush() {
    clearTimeout(this.timer);
    await saving;
    if (this.asked || Object.keys(this.#changed()).length) await this.#save();
    return !Object.keys(this.#changed()).length;
  }

  // While the note is sent nothing is said of the draft, which goes with it.
  pause() {
    this.paused = true;
    clearTimeout(this.timer);
  }

  resume() {
    this.paused = false;
    this.#typed();
    if (this.asked) this.#soon(0);
  }

  // The note is saved, or the draft discarded: nothing of it is kept here either.
  finish() {
    this.stop();
    unsent.keep(told.user_id, this.about, {});
  }

  // The form is going away; what is not sent yet stays in this browser.
  stop() {
    this.over = true;
    clearTimeout(this.timer);
    this.stopping.abort();
  }

  #changed() {
    const changed = {};
    for (const name of this.names) {
      const value = fields.read(this.form, name);
      if (!this.held.has(name) && value !== this.known.get(name)) changed[name] = value;
    }
    return changed;
  }

  #remember() {
    const typed = this.#changed();
    for (const name of this.held.keys()) typed[name] = fields.read(this.form, name);
    unsent.keep(told.user_id, this.about, typed, this.#place());
  }

  #typed() {
    const changed = Object.keys(this.#changed());
    for (const name of changed) this.touched.add(name);
    this.#remember();
    if (!changed.length) return;
    this.since ??= Date.now();
    this.#soon(Math.max(0, Math.min(SAVE_MS, this.since + LONGEST_MS - Date.now())));
  }

  #soon(wait) {
    clearTimeout(this.timer);
    if (!this.over && !this.paused) this.timer = setTimeout(() => this.#save(), wait);
  }

  #save() {
    saving = saving.then(() => this.#send());
    return saving;
  }

  #place() {
    const { kind, origin, address_id: address } = this.config;
    return { kind, origin, address_id: address ?? "", base: this.base, submission: this.form.elements.submission.value };
  }

  #body(typed) {
    return bodyOf(this.#place(), typed);
  }

  async #send() {
    const typed = this.#changed();
    const { asked } = this;
    if (this.over || this.paused || (!Object.keys(typed).length && !asked)) return;
    this.asked = false;
    this.since = null;
    try {
      const answer = await post(told.save_path, this.#body(typed));
      if (answer.ok) {
        const kept = await answer.json();
        this.failures = 0;
        this.#took(kept, typed);
        return;
      }
      this.asked ||= asked;
      if (answer.status === 422) this.#say(text("too_long"), "wrong");
      else this.#failed(reason(answer.status), typed);
    } catch (error) {
      this.asked ||= asked;
      this.#mayHaveArrived(typed);
      this.#failed(error instanceof LoggedOut ? error.message : text("offline"), typed);
    }
  }

  #failed(sentence, typed) {
    if (this.over) return;
    if (Object.keys(typed).length) this.#say(sentence, "wrong");
    else if (this.failures >= RETRY_MS.length) return; // the next connection asks again
    this.#soon(RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)]);
  }

  // What the server has now: what was sent, and what other windows typed.
  #took(answer, sent) {
    if (this.over) return unsent.left(told.user_id, this.about).forEach((entry) => forgetStored(entry, answer.draft));
    if (!answer.draft) return this.#gone(answer, sent);
    const { version, submission, fields: there, saved_at: savedAt } = answer.draft;
    this.base = version;
    this.form.elements.submission.value = submission;
    let again = false; // the server has an older text of this very window, and refused the present one
    for (const [name, value] of Object.entries(there)) {
      if (!this.names.includes(name)) continue;
      const mine = fields.read(this.form, name);
      const isOwn = this.unanswered.get(name)?.has(value) ?? false;
      if (isOwn && value !== mine) again = true;
      if (isOwn || (name in sent && value === sent[name]) || value === mine || value === this.known.get(name)) this.known.set(name, value);
      else if (mine === this.known.get(name)) this.#follow(name, value);
      else this.#clash(name, value);
    }
    this.unanswered.clear();
    if (answer.duration) this.#fillDuration(answer.duration);
    document.dispatchEvent(new CustomEvent("note-places", { detail: answer.places }));
    this.form.dispatchEvent(new CustomEvent("note-kept", { bubbles: true, detail: answer.draft }));
    this.#remember();
    this.#say(text("saved", { time: timeOf(savedAt) }));
    if (again) this.#soon(0);
  }

  #mayHaveArrived(typed) {
    for (const [name, value] of Object.entries(typed)) {
      if (!this.unanswered.has(name)) this.unanswered.set(name, new Set());
      this.unanswered.get(name).add(value);
    }
  }

  #follow(name, value) {
    fields.write(this.form, name, value);
    this.known.set(name, value);
    this.touched.add(name);
    this.#sayElsewhere(text("elsewhere"));
  }

  // `stored`: what the server has, so that whatever is decided against it is sent.
  #clash(name, theirs, stored = theirs) {
    if (this.held.get(name) === theirs) return;
    this.held.set(name, theirs);
    this.#sayElsewhere(text("elsewhere"));
    ask(this.form, name, theirs, (value) => {
      this.held.delete(name);
      this.known.set(name, stored);
      fields.write(this.form, name, value);
      this.#typed();
    });
  }

  // Saved or discarded in another window. What is typed from now on is a draft of its own.
  #gone(answer, sent) {
    document.dispatchEvent(new CustomEvent("note-places", { detail: answer.places }));
    if (this.base) {
      this.base = 0;
      for (const name of this.touched) if (this.names.includes(name)) this.known.set(name, undefined);
      this.#sayElsewhere(text(answer.note ? "saved_elsewhere" : "discarded_elsewhere"), answer.note);
      this.#say("");
    }
    if (Object.keys(sent).length) this.#soon(0);
  }

  #heard({ about, version, window: from }) {
    if (about !== this.about || from === unsent.windowId || (version && version <= this.base) || (!version && !this.base)) return;
    this.#ask();
  }

  // What is there now?
  #ask() {
    this.asked = true;
    this.#soon(0);
  }

  #ended({ origin, duration }) {
    if (origin && origin === this.config.origin) this.#fillDuration(duration);
  }

  // Only where nobody typed a length: then it still is what the form was opened with.
  #fillDuration(duration) {
    const field = this.form.elements.duration;
    const shown = this.form.elements.duration_shown;
    if (!field || field.value !== shown.value || field.value === duration) return;
    field.value = field.defaultValue = shown.value = duration;
    this.known.set("duration", duration);
    this.#sayElsewhere(text("duration", { duration }));
  }

  // What could not be sent before: by this window before the form was closed or the page reloaded, or by one that was closed.
  #takeUp() {
    for (const { key, typed } of unsent.left(told.user_id, this.about)) {
      for (const [name, value] of Object.entries(typed)) {
        if (!this.names.includes(name)) continue;
        const mine = fields.read(this.form, name);
        if (mine === value) continue;
        if (mine === this.known.get(name)) fields.write(this.form, name, value);
        else this.#clash(name, value, this.known.get(name));
      }
      if (!this.held.size) unsent.forget(key);
    }
    this.#typed();
  }

  // The page goes: whatever is not sent yet, now.
  #leave() {
    const typed = this.#changed();
    if (this.paused || !Object.keys(typed).length) return;
    const token = document.querySelector('meta[name="csrf-token"]').content;
    fetch(told.save_path, {
      method: "POST",
      credentials: "same-origin",
      keepalive: true,
      headers: { "HX-Request": "true", "X-CSRFToken": token },
      body: this.#body(typed),
    }).catch(() => {}); // it is kept in this browser
    this.#mayHaveArrived(typed);
  }

  #say(sentence, state = "") {
    const place = this.form.querySelector("[data-note-status]");
    place.dataset.state = state;
    if (place.textContent !== sentence) place.textContent = sentence;
  }

  #sayElsewhere(sentence, path = null) {
    const place = this.form.querySelector("[data-note-elsewhere]");
    place.textContent = sentence;
    if (!path) return;
    const link = document.createElement("a");
    link.href = path;
    link.textContent = text("show_note");
    place.append(" ", link);
  }
}

// Shows /control/state twice a second and turns clicks into requests to /control.

const POLL_MS = 500;
const STATES = {
  idle: "Frei", ringing: "Klingelt", talking: "Im Gespräch", dialling: "Wählt – bei der Gegenstelle klingelt es",
  click_to_dial: "Klick-Wahl: klingelt – abheben wählt",
};
const PHASES = { own_phone: "eigenes Telefon klingelt", ringing: "klingelt", talking: "im Gespräch" };
const FATES = {
  waiting: "wird gesendet", held: "zurückgehalten", lost: "verloren", not_notified: "nicht gemeldet", failed: "Fehler",
};
const $ = (selector) => document.querySelector(selector);
let known = "";
let shown = {};
let busyUntilAnswered = 0;

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "data") Object.assign(made.dataset, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function button(label, path, body, style, name) {
  const made = element("button", { type: "button", textContent: label, className: style, data: { action: name } });
  made.addEventListener("click", () => post(path, body));
  return made;
}

async function post(path, body = {}) {
  busyUntilAnswered += 1;
  try {
    const answer = await fetch(`/control/${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    const content = await answer.json();
    if (!answer.ok) tell(content.error);
    return answer.ok ? content : null;
  } catch {
    tell("Der Simulator antwortet nicht.");
    return null;
  } finally {
    busyUntilAnswered -= 1;
    refresh();
  }
}

let telling = 0;
function tell(text) {
  const problem = $("#problem");
  problem.textContent = text;
  problem.hidden = false;
  clearTimeout(telling);
  telling = setTimeout(() => { problem.hidden = true; }, 6000);
}

// A part of the page is drawn again only when what it shows has changed: a button must not vanish under a click.
function draw(name, data, paint) {
  const text = JSON.stringify(data);
  if (shown[name] === text) return;
  shown[name] = text;
  paint(data);
}

function phoneCard(phone) {
  const at = `phones/${encodeURIComponent(phone.sipuid)}`;
  const actions = element("div", { className: "actions" });
  if (phone.state === "ringing" || phone.state === "click_to_dial") {
    actions.append(button("Abheben", `${at}/pickup`, { wait: false }, "go", "pickup"));
    actions.append(button("Ablehnen", `${at}/hangup`, { wait: false }, "stop", "hangup"));
  } else if (phone.state === "talking" || phone.state === "dialling") {
    actions.append(button("Auflegen", `${at}/hangup`, { wait: false }, "stop", "hangup"));
  }
  if (phone.state === "dialling") {
    const callee = `calls/${phone.call_id}/callee`;
    actions.append(button("Gegenstelle nimmt ab", callee, { callee: "answer", wait: false }, "go", "callee-answer"));
    actions.append(button("Besetzt", callee, { callee: "busy", wait: false }, "", "callee-busy"));
    actions.append(button("Nicht erreichbar", callee, { callee: "unavailable", wait: false }, "", "callee-unavailable"));
  }
  if (phone.state === "idle" && phone.rings) {
    actions.append(button("Klingeln lassen", "incoming", { from: lastCaller.number, to: phone.callerid, ring: [phone.sipuid], wait: false }, "", "ring"));
    actions.append(button("Von Hand wählen", "outgoing", { sipuid: phone.sipuid, to: lastCaller.dialable, wait: false }, "", "dial"));
  }
  return element("article", { className: "phone", data: { state: phone.state, phone: phone.sipuid } },
    element("div", { className: "who" }, element("span", { textContent: phone.name }),
      element("small", { textContent: phone.rings ? `Durchwahl ${phone.did}` : "Fax" })),
    element("small", { textContent: phone.sipuid }),
    element("div", { className: "state", textContent: phone.rings ? STATES[phone.state] : "Fax, klingelt nicht" }),
    phone.with ? element("div", { className: "other", textContent: phone.with }) : null,
    phone.calls.length > 1 ? element("small", { textContent: phone.calls.length === 2 ? "noch 1 Anruf" : `noch ${phone.calls.length - 1} Anrufe` }) : null,
    actions);
}

function callRow(call) {
  const at = `calls/${call.call_id}`;
  const actions = element("div", { className: "row" });
  const end = (label, body, style = "") => actions.append(button(label, `${at}/hangup`, { ...body, wait: false }, style, body.type || "hangup"));
  if (call.direction === "in") {
    end("Anrufer legt auf", {}, "stop");
    if (call.phase === "ringing") {
      end("Mailbox", { type: "voicemail" });
      end("Blockiert", { type: "blocked" });
    }
  } else if (call.phase === "ringing") {
    for (const [label, does] of [["Nimmt ab", "answer"], ["Besetzt", "busy"], ["Nicht erreichbar", "unavailable"], ["Keine Leitung", "congestion"]]) {
      actions.append(button(label, `${at}/callee`, { callee: does, wait: false }, does === "answer" ? "go" : "", does));
    }
  } else {
    end("Beenden", {}, "stop");
  }
  const way = call.direction === "in" ? "ruft an:" : "angerufen von";
  const other = call.direction === "in" ? call.from : call.to;
  const ours = call.direction === "in" ? call.to : call.from;
  return element("li", { data: { call: call.call_id } },
    element("div", {}, element("span", { className: "parties", textContent: `${other}` }),
      element("small", { textContent: `  ${way} ${ours} · ${PHASES[call.phase]}${call.queue ? " · Warteschlange" : ""}${call.decision ? ` · ${call.decision}` : ""}` })),
    actions);
}

// What a notification says, in one line.
function told(body) {
  let params;
  try {
    params = body.startsWith("{") ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
  } catch {
    return body;
  }
  const about = [params.peer, params.type, params.duration && `${params.duration} s`].filter(Boolean).join(", ");
  return `${params.from ?? "?"} → ${params.to ?? "?"}${about ? ` (${about})` : ""}`;
}

function logRow(entry) {
  const time = new Date(entry.at).toLocaleTimeString("de-DE");
  let name, detail, result, style;
  if (entry.kind === "api") {
    [name, detail] = [`API ${entry.method}`, entry.path + (entry.query ? `?${decodeURIComponent(entry.query)}` : "")];
    result = entry.status === null ? "keine Antwort" : `${entry.status} · ${entry.ms} ms`;
    style = entry.status !== null && entry.status < 400 ? "good" : "bad";
  } else {
    [name, detail] = [entry.event, entry.reason || entry.error || told(entry.body)];
    result = entry.status === null ? FATES[entry.fate] : `${entry.status} · ${entry.ms} ms`;
    style = entry.fate === "sent" ? (entry.status < 300 ? "good" : "bad") : entry.fate === "failed" ? "bad" : "muted";
  }
  const lines = entry.kind === "api" ? [entry.body || "(kein Inhalt)"]
    : [entry.body, `Content-Type: ${entry.content_type ?? "–"}`, `X-PLACETEL-SIGNATURE: ${entry.signature ?? "–"}`,
       entry.answer ? `Antwort: ${entry.answer}` : (entry.error ?? "")];
  return element("li", { data: { number: entry.number } },
    element("details", {},
      element("summary", {}, element("span", { className: "muted", textContent: time }), element("strong", { textContent: name }),
        element("span", { className: "detail", textContent: detail }), element("span", { className: style, textContent: result })),
      element("pre", { textContent: lines.filter(Boolean).join("\n") })));
}

function paintLog(entries) {
  const open = new Set([...document.querySelectorAll("#log details[open]")].map((one) => one.parentElement.dataset.number));
  const rows = entries.map(logRow);
  for (const row of rows) if (open.has(row.dataset.number)) row.firstElementChild.open = true;
  $("#log").replaceChildren(...rows);
  $("#no-log").hidden = rows.length > 0;
}

const quirkInputs = [...document.querySelectorAll("[data-quirk]")];
let defaults = null;
function paintQuirks(values) {
  for (const input of quirkInputs) {
    const value = values[input.dataset.quirk];
    if (input !== document.activeElement) {
      if (input.dataset.kind === "switch") input.checked = value;
      else if (input.dataset.kind === "choice") input.value = JSON.stringify(value);
      else if (input.dataset.kind === "table") input.value = Object.entries(value).map((pair) => pair.join("=")).join(", ");
      else input.value = value;
    }
    input.closest(".quirk").classList.toggle("changed", JSON.stringify(value) !== JSON.stringify(defaults[input.dataset.quirk]));
  }
  const active = document.querySelectorAll(".quirk.changed").length;
  const badge = $("#active-quirks");
  badge.hidden = active === 0;
  badge.textContent = `${active} an`;
}

function quirkValue(input) {
  switch (input.dataset.kind) {
    case "switch": return input.checked;
    case "choice": return JSON.parse(input.value);
    case "number": return Number(input.value);
    case "table": return Object.fromEntries(input.value.split(",").map((pair) => pair.split("=").map((part) => part.trim()))
      .filter((pair) => pair.length === 2 && pair[0]));
    default: return input.value;
  }
}

function paint(state) {
  draw("phones", [state.phones, lastCaller], ([phones]) => $("#phones").replaceChildren(...phones.map(phoneCard)));
  const live = state.calls.filter((call) => call.phase !== "ended");
  draw("calls", live, () => {
    $("#calls").replaceChildren(...live.map(callRow));
    $("#no-calls").hidden = live.length > 0;
  });
  draw("log", state.log, paintLog);
  draw("quirks", state.quirks, paintQuirks);
  draw("settings", state.settings, (settings) => {
    const target = $("#settings [name=target]");
    if (target !== document.activeElement) target.value = settings.target;
    for (const mark of document.querySelectorAll("[data-set]")) mark.textContent = settings[mark.dataset.set] ? "gesetzt" : "nicht gesetzt";
  });
  $("#connection").textContent = `sendet an ${state.settings.target.replace(/^https?:\/\//, "").split("/")[0]}`;
}

let latest = null;
let asking = false;
async function refresh() {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch(`/control/state?version=${known}`);
    if (answer.status === 200) {
      latest = await answer.json();
      known = latest.version;
      paint(latest);
    }
  } catch {
    known = "";
    shown = {};
    $("#connection").textContent = "Der Simulator läuft nicht mehr.";
  } finally {
    asking = false;
  }
}

const firstCaller = $("[data-caller]");
let lastCaller = callerOf(firstCaller.dataset.caller, $("#last-caller").textContent);
function callerOf(number, label) {
  return { number, label, dialable: number === "anonymous" ? firstCaller.dataset.caller : number };
}
function remember(number, label) {
  lastCaller = callerOf(number, label);
  $("#last-caller").textContent = label;
}
const line = () => $("[name=line]:checked").value;

for (const one of document.querySelectorAll("[data-caller]")) {
  one.addEventListener("click", () => {
    remember(one.dataset.caller, one.firstChild.textContent.trim());
    post("incoming", { from: one.dataset.caller, to: line(), wait: false });
  });
}
$("#custom").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = $("#custom-number").value.trim();
  if (!number) return;
  remember(number, number);
  post("incoming", { from: number, to: line(), wait: false });
});
for (const one of document.querySelectorAll("[data-finished]")) {
  one.addEventListener("click", async () => {
    const call = await post("incoming", { from: lastCaller.number, to: line(), wait: false });
    if (call) post(`calls/${call.call_id}/hangup`, { type: one.dataset.finished, wait: false });
  });
}
for (const input of quirkInputs) {
  input.addEventListener("change", () => post("quirks", { [input.dataset.quirk]: quirkValue(input) }));
}
for (const one of document.querySelectorAll("[data-post]")) {
  one.addEventListener("click", () => post(one.dataset.post));
}
$("#settings").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const values = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  if (latest && values.target === latest.settings.target) delete values.target; // what is shown lacks its password
  if (await post("settings", values)) for (const name of ["secret", "api_key"]) form.elements[name].value = "";
});

defaults = JSON.parse(document.body.dataset.quirkDefaults);
refresh();
setInterval(() => { if (!document.hidden && busyUntilAnswered === 0) refresh(); }, POLL_MS);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });

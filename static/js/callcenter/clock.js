// The server's time and the user's zone: a browser's clock may be wrong, and its zone another.
const root = document.documentElement;
const time = new Intl.DateTimeFormat(root.lang || "de", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone: root.dataset.timezone || undefined,
});
const zone = { timeZone: root.dataset.timezone || undefined };
const whole = { day: "2-digit", month: "2-digit", year: "numeric" };
const minute = new Intl.DateTimeFormat(root.lang || "de", { hour: "2-digit", minute: "2-digit", ...zone });
const date = new Intl.DateTimeFormat(root.lang || "de", { ...whole, ...zone });
const plainDate = new Intl.DateTimeFormat(root.lang || "de", { ...whole, timeZone: "UTC" });
const short = new Intl.DateTimeFormat(root.lang || "de", { day: "2-digit", month: "2-digit", ...zone });
const year = new Intl.DateTimeFormat("en", { year: "numeric", ...zone });
const nearDay = new Intl.RelativeTimeFormat(root.lang || "de", { numeric: "auto" });
const DAY_MS = 86_400_000;
let ahead = 0; // milliseconds by which the server's clock is ahead of ours

export function heard(serverTime) {
  ahead = Date.parse(serverTime) - Date.now();
}

export function now() {
  return Date.now() + ahead;
}

export function shown(iso) {
  return time.format(new Date(iso));
}

// 14:03, gestern 14:03, 12.11. 14:03 or 12.11.2025 14:03
export function when(iso) {
  const at = new Date(iso);
  const ofDay = date.format(at);
  if (ofDay === date.format(now())) return minute.format(at);
  const near = [-1, 1].find((days) => ofDay === date.format(now() + days * DAY_MS));
  const days = year.format(at) === year.format(now()) ? short.format(at) : ofDay;
  return `${near ? nearDay.format(near, "day") : days} ${minute.format(at)}`;
}

// A day without a time: 2026-11-12 → 12.11.2026
export function day(iso) {
  return plainDate.format(new Date(`${iso}T00:00:00Z`));
}

// 0:42, 12:05 or 1:02:03
export function duration(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

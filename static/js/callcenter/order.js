// Which cards stand where, which are shown at all, and which are one line. Pure: what the user did is given.
import { isUnheard, told } from "./told.js";

// What goes on comes first, then what nothing is heard of, then what is over or somebody else's.
export function rankOf(call) {
  if (call.form === "line" || call.phase === "ended") return 2;
  return isUnheard(call) ? 1 : 0;
}

// The conversation that the user leads: neither hidden behind "+n" nor folded for want of room.
export const isOwnTalk = (call) => call.phase === "talking" && call.user?.id === told.user_id;

// Of the same rank the newest first.
export function compare(one, other) {
  if (rankOf(one) !== rankOf(other)) return rankOf(one) - rankOf(other);
  if (one.received_at !== other.received_at) return one.received_at < other.received_at ? 1 : -1;
  return other.id - one.id;
}

// Of calls in their order those that are shown, at most so many; own conversations are always among them.
export function shownOf(calls, most) {
  const own = calls.filter(isOwnTalk);
  const others = calls.filter((call) => !isOwnTalk(call)).slice(0, Math.max(0, most - own.length));
  return new Set([...own, ...others]);
}

// Of the shown calls in their order those that are one line. What is over steps back while something goes on; on a
// phone only the first is whole, or the sheet would cover the page.
export function linesOf(calls, narrow) {
  const goesOn = calls.some((call) => rankOf(call) === 0);
  return new Set(
    calls.filter((call, index) => call.form === "line" || (rankOf(call) === 2 && goesOn) || (narrow && index > 0)),
  );
}

// Ring tones made of sine waves: nothing to load, no recording of anybody.
const VOLUMES = { low: 0.06, middle: 0.18, high: 0.5 };
const REPEAT_MS = 3_000;
// Notes as [hertz, begins at second, lasts seconds].
const TONES = {
  soft: [[659, 0, 0.35], [880, 0.3, 0.6]],
  classic: [[440, 0, 0.9], [480, 0, 0.9]],
  bright: [[1047, 0, 0.16], [1319, 0.16, 0.16], [1568, 0.32, 0.16], [1319, 0.48, 0.3]],
};

let context = null;
let repeating = 0;
let sounding = [];

// A browser lets a page sound only after a click or a key in it.
function ready() {
  if (!context && navigator.userActivation?.hasBeenActive !== false) context = new AudioContext();
  if (context?.state === "suspended") context.resume().catch(() => {});
  return context;
}

export const mayPlay = () => navigator.userActivation?.hasBeenActive ?? Boolean(context);

export const plays = () => repeating !== 0;

export function once(tone, volume) {
  const audio = ready();
  if (!audio || !TONES[tone]) return;
  for (const [hertz, begin, length] of TONES[tone]) {
    const wave = audio.createOscillator();
    const loudness = audio.createGain();
    const at = audio.currentTime + begin;
    wave.frequency.value = hertz;
    // Swells and fades, so that nothing clicks.
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(VOLUMES[volume] ?? VOLUMES.middle, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + length);
    wave.connect(loudness).connect(audio.destination);
    wave.start(at);
    wave.stop(at + length);
    sounding.push(wave);
    wave.addEventListener("ended", () => (sounding = sounding.filter((other) => other !== wave)));
  }
}

export function start(tone, volume) {
  if (repeating) return;
  once(tone, volume);
  repeating = setInterval(() => once(tone, volume), REPEAT_MS);
}

export function stop() {
  clearInterval(repeating);
  repeating = 0;
  for (const wave of sounding) wave.stop();
  sounding = [];
}

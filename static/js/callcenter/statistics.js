// Draws the charts of the statistics in the colours of the theme, and shows the two dates only for "from – to".
const told = document.getElementById("statistics-told");
const given = told ? JSON.parse(told.textContent) : null;
const root = document.documentElement;
const COLOURS = { answered: "--tblr-green", missed: "--tblr-red", outgoing: "--tblr-primary" };

// Where the user has chosen colours of his own there are only those: three for the bars, whose patterns tell them apart.
const CHOSEN = {
  "--tblr-green": "CanvasText",
  "--tblr-red": "Highlight",
  "--tblr-primary": "LinkText",
  "--tblr-bg-surface": "Canvas",
};

// A canvas knows neither variables nor mixtures of colours: an element resolves them.
const probe = document.createElement("span");

function colour(name) {
  const isForced = window.matchMedia("(forced-colors: active)").matches;
  document.body.append(probe);
  probe.style.color = isForced ? (CHOSEN[name] ?? "CanvasText") : `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

// Missed calls are hatched and outgoing ones dotted: nobody has to tell red from green.
function pattern(series) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = colour(COLOURS[series]);
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = pen.fillStyle = colour("--tblr-bg-surface");
  if (series === "missed") {
    pen.lineWidth = 1.5;
    for (const shift of [-8, 0, 8]) {
      pen.beginPath();
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
      pen.stroke();
    }
  } else if (series === "outgoing") {
    pen.beginPath();
    pen.arc(4, 4, 1.25, 0, 2 * Math.PI);
    pen.fill();
  }
  return pen.createPattern(tile, "repeat");
}

function draw(chart) {
  const canvas = document.querySelector(`canvas[data-chart="${chart.key}"]`);
  const stacks = { answered: "in", missed: "in", outgoing: "out" };
  const text = colour("--tblr-secondary");
  const line = colour("--tblr-border-color");
  return new window.Chart(canvas, {
    type: "bar",
    data: {
      labels: chart.labels,
      datasets: Object.keys(stacks).map((series) => ({
        label: given.series[series],
        data: chart[series],
        stack: stacks[series],
        backgroundColor: pattern(series),
        maxBarThickness: 28,
      })),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: { legend: { position: "bottom", labels: { color: text, boxWidth: 14 } } },
      scales: {
        x: { stacked: true, ticks: { color: text, maxRotation: 0, autoSkipPadding: 12 }, grid: { display: false } },
        y: { stacked: true, beginAtZero: true, ticks: { color: text, precision: 0 }, grid: { color: line } },
      },
    },
  });
}

let drawn = [];

function drawAll() {
  for (const chart of drawn) chart.destroy();
  window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  drawn = given.charts.map(draw);
}

if (given && window.Chart) {
  drawAll();
  document.fonts.ready.then(drawAll); // a canvas keeps the letters that it was drawn with
  new MutationObserver(drawAll).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });
}

const period = document.querySelector("[data-period]");
const days = document.querySelectorAll("[data-period-days]");

function showDays() {
  for (const one of days) one.hidden = period.value !== "custom";
}

period.addEventListener("change", () => {
  showDays();
  if (period.value !== "custom") period.form.requestSubmit();
});
showDays();

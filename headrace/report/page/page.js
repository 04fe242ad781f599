"use strict";
// Draws the charts, again when the colour scheme changes, and lets the traffic chart show a part of its hours.
const HOUR = 3600000;
const told = JSON.parse(document.getElementById("charts").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const config = { displayModeBar: false, responsive: true, showTips: false };

function draw(place) {
  const { data, layout } = told.charts[place.dataset.chart];
  const template = told.templates[dark.matches ? "dark" : "light"];
  return Plotly.react(place, data, { ...layout, template }, config);
}

const places = [...document.querySelectorAll("[data-chart]")];

// The last so many hours, or all of them, with the height of what is seen.
function showHours(hours) {
  const { data, layout } = told.charts.traffic;
  const times = data[0].x;
  const last = Date.parse(times.at(-1) + "Z");
  const begin = hours ? last - (hours - 1) * HOUR : Date.parse(times[0] + "Z");
  const seen = data.map(({ x, y }) => y.filter((_, place) => Date.parse(x[place] + "Z") >= begin));
  const most = Math.max(1, ...seen.map((values) => values.reduce((a, b) => Math.max(a, b), 0)));
  const edge = begin === last ? 3 * HOUR : 0;
  const iso = (time) => new Date(time).toISOString().slice(0, 19);
  Object.assign(layout.xaxis, { range: [iso(begin - edge), iso(last + edge)], autorange: false });
  Object.assign(layout.yaxis, { range: [0, most * 1.08], autorange: false });
}

const buttons = [...document.querySelectorAll("[data-hours]")];
function choose(button) {
  buttons.forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
  showHours(Number(button.dataset.hours));
}
buttons.forEach((button) =>
  button.addEventListener("click", () => {
    choose(button);
    draw(document.querySelector("[data-chart=traffic]"));
  }),
);
const chosen = buttons.find((button) => button.getAttribute("aria-pressed") === "true");
if (chosen) choose(chosen);

Promise.all(places.map(draw)).then(() => {
  document.documentElement.dataset.drawn = String(places.length);
});
dark.addEventListener("change", () => places.forEach(draw));

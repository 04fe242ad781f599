// Rows arrive as server-sent events; which of them are shown is decided here.

import * as detail from "./detail.js";
import { forget, move, show, text } from "./rows.js";

const find = (id) => document.getElementById(id);
const state = { rows: [], epoch: "", kept: 1000, kind: "all", protocol: "", reason: "", words: "", paused: false, chosen: 0 };
let counts = { total: 0, good: 0, bad: 0, protocols: {}, reasons: {} };
let drawing = false;

function holds(row) {
  return (
    (state.kind === "all" || row.good === (state.kind === "good")) &&
    (!state.protocol || row.protocol === state.protocol) &&
    (!state.reason || row.reason === state.reason) &&
    (!state.words || row.text.toLowerCase().includes(state.words))
  );
}

function choose(row) {
  state.chosen = row.number;
  detail.open(row);
  if (innerWidth < 960) find("detail").focus();
  drawSoon();
}

function draw() {
  drawing = false;
  for (const name of ["total", "good", "bad"]) find(name).textContent = counts[name].toLocaleString("en");
  document.title = counts.bad ? `${counts.bad.toLocaleString("en")} bad · Headrace events` : "Headrace events";
  chips("protocols", "protocol", Object.entries(counts.protocols));
  chips("reasons", "reason", Object.entries(counts.reasons).slice(0, 12));
  const matching = state.rows.filter(holds).reverse();
  const shown = show(find("rows"), matching, state.chosen, choose);
  const filtered = state.kind !== "all" || state.protocol || state.reason || state.words;
  find("none").hidden = matching.length > 0;
  find("none").textContent = filtered && state.rows.length
    ? `None of the newest ${state.rows.length.toLocaleString("en")} rows is like this.`
    : "Nothing has come yet. Send an event, or `make pump` sends some.";
  const rest = matching.length - shown;
  const gone = counts.total - state.rows.length;
  find("more").hidden = !rest && gone <= 0;
  find("more").textContent = [
    rest ? `${rest.toLocaleString("en")} older ones are not shown: filter to find them.` : "",
    gone > 0 ? `Of ${counts.total.toLocaleString("en")} rows the newest ${state.kept.toLocaleString("en")} are kept here.` : "",
  ].filter(Boolean).join(" ");
}

// At most once a frame, however much arrives.
function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(draw);
}

function chips(id, field, entries) {
  const focused = find(id).contains(document.activeElement) ? document.activeElement.dataset.value : undefined;
  if (state[field] && !entries.some(([name]) => name === state[field])) entries.push([state[field], 0]);
  find(id).replaceChildren(...entries.map(([name, count]) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.dataset.value = name;
    chip.setAttribute("aria-pressed", String(state[field] === name));
    chip.append(text("span", name || "unknown protocol"));
    const { good, bad } = typeof count === "number" ? { good: count, bad: 0 } : count;
    chip.append(text("small", good.toLocaleString("en")));
    if (bad) chip.append(text("small", `${bad.toLocaleString("en")} bad`, "bad"));
    chip.addEventListener("click", () => {
      state[field] = state[field] === name ? "" : name;
      drawSoon();
    });
    return chip;
  }));
  if (focused !== undefined) [...find(id).children].find((chip) => chip.dataset.value === focused)?.focus();
}

function take(message) {
  if (message.epoch !== state.epoch) {
    state.rows = [];
    state.epoch = message.epoch;
    state.chosen = 0;
    detail.close();
    forget();
  }
  state.kept = message.kept;
  state.rows = state.rows.concat(message.rows).slice(-message.kept);
  counts = message.counts;
  find("stack").textContent = `of stack ${message.stack}`;
  find("trouble").hidden = !message.trouble;
  find("trouble").textContent = message.trouble;
  status(message.trouble ? "gone" : "live");
  drawSoon();
}

const WORDS = { live: "live", gone: "not live", waiting: "connecting …", paused: "paused" };
function status(name) {
  find("state").dataset.state = name;
  find("state").textContent = WORDS[name];
}

const held = [];
const source = new EventSource("stream");
source.addEventListener("message", (event) => {
  const message = JSON.parse(event.data);
  if (!state.paused) return take(message);
  held.push(message);
  // Whoever pauses and goes for lunch finds as much as the page would hold.
  if (held.length > 200) take(held.shift());
});
source.addEventListener("error", () => status("gone"));

function pause(wanted) {
  state.paused = wanted;
  find("pause").setAttribute("aria-pressed", String(wanted));
  find("pause").textContent = wanted ? "Go on" : "Pause";
  if (wanted) return status("paused");
  status("live");
  held.splice(0).forEach(take);
}

function closeDetail() {
  const chosen = find("rows").querySelector(".chosen");
  detail.close();
  state.chosen = 0;
  drawSoon();
  chosen?.focus({ preventScroll: true });
}

find("pause").addEventListener("click", () => pause(!state.paused));
find("reset").addEventListener("click", () => fetch("reset", { method: "POST" }));
find("close").addEventListener("click", closeDetail);
find("search").addEventListener("input", (event) => {
  state.words = event.target.value.trim().toLowerCase();
  drawSoon();
});
for (const button of document.querySelectorAll("[data-kind]")) {
  button.addEventListener("click", () => {
    state.kind = button.dataset.kind;
    for (const other of document.querySelectorAll("[data-kind]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    drawSoon();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target === find("search");
  if (event.key === "Escape" && typing && find("search").value === "") find("search").blur();
  else if (event.key === "Escape" && !typing) closeDetail();
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (event.target.closest?.("aside")) return;
    event.preventDefault();
    move(find("rows"), event.key === "ArrowDown" ? 1 : -1);
  } else if (typing) return;
  else if (event.key === "/") {
    event.preventDefault();
    find("search").focus();
  } else if (event.key === "p") pause(!state.paused);
});

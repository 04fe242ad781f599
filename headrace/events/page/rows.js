// The list: a button a row, the newest first. What trackers sent is only ever set as text.

const SHOWN = 300; // more cost the browser time and nobody a glance
const elements = new Map();

export function text(tag, content, name) {
  const element = document.createElement(tag);
  element.textContent = content;
  if (name) element.className = name;
  return element;
}

export function clock(milliseconds) {
  const moment = new Date(milliseconds);
  const two = (number) => String(number).padStart(2, "0");
  const seconds = `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
  return `${seconds}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
}

function element(row, open) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = row.good ? "row" : "row bad";
  button.dataset.number = row.number;
  const name = text("span", row.reason || row.name, "name");
  name.append(text("small", row.protocol || "unknown protocol"));
  const about = text("span", "", "about");
  if (row.reason) {
    about.append(text("i", row.message), text("span", row.page));
  } else {
    about.append(text("i", row.user || row.client || "nobody known"));
    if (row.what) about.append(text("i", row.what));
    if (row.page) about.append(text("span", row.page));
  }
  button.append(text("span", clock(row.received_at), "time"), name, about);
  button.setAttribute("aria-label", `${row.good ? "good" : "bad"}: ${name.textContent}, ${about.textContent}`);
  button.addEventListener("click", () => open(row));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

// Shows rows, the newest first; elements of rows that were shown before are used again, and the focus stays.
export function show(list, rows, chosen, open) {
  const focused = document.activeElement?.dataset?.number;
  const shown = rows.slice(0, SHOWN);
  const wanted = new Set(shown.map((row) => row.number));
  for (const number of elements.keys()) if (!wanted.has(number)) elements.delete(number);
  const items = shown.map((row) => {
    if (!elements.has(row.number)) elements.set(row.number, element(row, open));
    const item = elements.get(row.number);
    item.firstChild.classList.toggle("chosen", row.number === chosen);
    return item;
  });
  list.replaceChildren(...items);
  if (focused) list.querySelector(`[data-number="${focused}"]`)?.focus({ preventScroll: true });
  return shown.length;
}

export function forget() {
  elements.clear();
}

// Moves the focus up or down among the rows; from elsewhere, to the chosen row or the first one.
export function move(list, step) {
  const item = document.activeElement?.closest?.("#rows li");
  const from = item ?? list.querySelector(".chosen")?.parentElement;
  const next = from ? (step > 0 ? from.nextElementSibling : from.previousElementSibling) : list.firstElementChild;
  next?.firstChild.focus();
}

// One row, whole: why it is bad, what was sent, what the applications see of it.

import { clock, text } from "./rows.js";

const find = (id) => document.getElementById(id);
let wanted = 0;

function block(title, content) {
  const box = text("div", "", "text");
  const head = document.createElement("div");
  const copy = text("button", "Copy");
  copy.type = "button";
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(content);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Not allowed";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  });
  head.append(text("h3", title), copy);
  const pre = text("pre", content);
  pre.tabIndex = 0;
  box.append(head, pre);
  return box;
}

export async function open(row) {
  wanted = row.number;
  find("what").textContent = row.good && row.name ? row.name : row.good ? "No event" : "Bad row";
  find("why").hidden = !row.reason;
  find("why").replaceChildren(text("b", row.reason), text("span", row.message));
  const moment = new Date(row.received_at);
  const facts = [["received", `${moment.toLocaleDateString()} ${clock(row.received_at)}`], ["protocol", row.protocol]];
  facts.push(["client", row.client], ["user", row.user], ["what", row.what], [row.good ? "page" : "request", row.page]);
  find("facts").replaceChildren(
    ...facts.filter(([, value]) => value).flatMap(([name, value]) => [text("dt", name), text("dd", value)]),
  );
  find("texts").replaceChildren();
  find("detail").hidden = false;
  document.querySelector("main").classList.add("open");
  find("detail").scrollTop = 0;
  const blocks = await texts(row);
  if (wanted === row.number) find("texts").replaceChildren(...blocks);
}

async function texts(row) {
  let answer;
  try {
    answer = await fetch(`rows/${row.number}`);
  } catch {
    return [text("p", "The embedded cloud does not answer.", "muted")];
  }
  if (!answer.ok) return [block("The row, as far as it is still here", row.text)];
  const { event, payload, row: stored } = await answer.json();
  return [
    ...(payload === null ? [] : [block("What was sent", payload)]),
    ...(event === null ? [] : [block("What applications see (decode)", event)]),
    block(row.good ? "The envelope" : "The row as it is stored", stored),
  ];
}

export function close() {
  wanted = 0;
  find("detail").hidden = true;
  document.querySelector("main").classList.remove("open");
}

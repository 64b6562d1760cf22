"use strict";

const form = document.getElementById("search");
const state = document.getElementById("status");
const results = document.getElementById("results");
const token = document.getElementById("token");

function headers() {
  return token.value ? { Authorization: `Bearer ${token.value}` } : {};
}

async function ask(path) {
  const answer = await fetch(path, { headers: headers() });
  const body = await answer.json();
  if (answer.status === 401) {
    for (const part of document.querySelectorAll(".token")) part.hidden = false;
    token.focus();
  }
  if (!answer.ok) throw new Error(body.detail);
  return body;
}

function seconds([start, end]) {
  return `${start.toFixed(1)} to ${end.toFixed(1)} s`;
}

function line(tag, text) {
  const part = document.createElement(tag);
  part.textContent = text;
  return part;
}

function row(hit) {
  const item = document.createElement("li");
  item.className = hit.good ? "" : "doubtful";
  item.append(line("strong", hit.clip.name), ` ${hit.clip.duration.toFixed(1)} s, best moment ${seconds(hit.best)}`);
  if (!hit.good) item.append(" (probably not what was searched)");
  for (const match of hit.events) {
    const when = match.found && match.span ? seconds(match.span) : "not found";
    item.append(line("div", `${match.text}: ${when}`));
  }
  return item;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  const query = new URLSearchParams({ q: fields.get("q"), order: fields.get("order"), top: "20" });
  state.textContent = "Searching";
  try {
    const found = await ask(`/api/search?${query}`);
    results.replaceChildren(...found.hits.map(row));
    state.textContent = [`${found.hits.length} of ${found.total} clips`, ...found.notes].join(". ");
  } catch (error) {
    results.replaceChildren();
    state.textContent = error.message;
  }
});

ask("/api/library").then(
  (library) => {
    document.getElementById("library").textContent =
      `${library.name}: ${library.clips} clips, ${library.hours.toFixed(1)} hours`;
  },
  (error) => { state.textContent = error.message; },
);

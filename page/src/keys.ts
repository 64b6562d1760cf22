/** Everything with the keyboard, and the page that says how. */

import { byId, h } from "./dom";

const HELP: [string, string][] = [
  ["/", "to the search field"],
  ["Enter", "in the search field: to the first result; on a card: open it"],
  ["Arrow keys", "from card to card; on a chip's grip: another order; on a bar: another time; on the large view: turn it"],
  ["+ and −", "on the large view: nearer, farther"],
  ["Shift and arrow keys", "on the large bar: mark a part, to loop it or to search with it (or drag with Shift)"],
  ["Space", "play or pause what is open"],
  [", and .", "a frame back, a frame on"],
  ["Delete", "on a chip's grip: remove it"],
  ["Esc", "close what is open"],
  ["?", "this list"],
];

export interface KeyActions {
  close(): void;
  toggle(): void;
  step(by: number): void;
  first(): void;
}

export function listenToKeys(actions: KeyActions): void {
  const dialog = byId<HTMLDialogElement>("keys");
  dialog.replaceChildren(
    h("h2", { id: "keys-title" }, "Keys"),
    h("dl", {}, ...HELP.flatMap(([key, does]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, does)])),
    h("button", { type: "button", click: () => dialog.close() }, "Close"),
  );
  byId("help").addEventListener("click", () => dialog.showModal());
  const query = byId<HTMLInputElement>("query");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const target = event.target as HTMLElement;
    if (target === query && event.key === "Enter") {
      event.preventDefault();
      actions.first();
      return;
    }
    if (event.key === "Escape") actions.close();
    if (target.matches("input:not([type=range]):not([type=checkbox]), select, textarea")) return;
    const act = {
      "/": () => query.select(),
      "?": () => dialog.showModal(),
      ",": () => actions.step(-1),
      ".": () => actions.step(1),
      " ": target.matches("button, summary, a, input") ? undefined : () => actions.toggle(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
    if (event.key === "/") query.focus();
  });
}

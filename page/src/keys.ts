/** Everything with the keyboard, and the page that says how. */

import { byId, h } from "./dom";

const HELP: [string, string][] = [
  ["/", "to the field in which one writes"],
  ["Enter", "in the search field: to the first result; where motions are made: make them; on a card: open it"],
  ["Arrow keys", "from card to card; on a chip's grip: another order; on a bar: another time; on the end of an event that is to be made: another length; on the large view: turn it"],
  ["+ and −", "on the large view: nearer, farther"],
  ["Shift and arrow keys", "on the large bar: mark a part, to loop it or to search with it (or drag with Shift)"],
  ["Space", "play or pause what is open"],
  [", and .", "a frame back, a frame on"],
  ["Delete", "on a chip's grip: remove it"],
  ["Esc", "close what is open"],
  ["?", "this list"],
];

/** What the keys do on a tab. */
export interface KeyActions {
  /** Where one writes what one wants, and what Enter does there. */
  field(): HTMLInputElement;
  enter(): void;
  close(): void;
  toggle(): void;
  step(by: number): void;
}

export function listenToKeys(now: () => KeyActions): void {
  const dialog = byId<HTMLDialogElement>("keys");
  dialog.replaceChildren(
    h("h2", { id: "keys-title" }, "Keys"),
    h("dl", {}, ...HELP.flatMap(([key, does]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, does)])),
    h("button", { type: "button", click: () => dialog.close() }, "Close"),
  );
  byId("help").addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const target = event.target as HTMLElement;
    const actions = now();
    const field = actions.field();
    if (target === field && event.key === "Enter") {
      event.preventDefault();
      actions.enter();
      return;
    }
    if (event.key === "Escape") actions.close();
    if (target.matches("input:not([type=range]):not([type=checkbox]), select, textarea")) return;
    const act = {
      "/": () => field.select(),
      "?": () => dialog.showModal(),
      ",": () => actions.step(-1),
      ".": () => actions.step(1),
      " ": target.matches("button, summary, a, input") ? undefined : () => actions.toggle(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
    if (event.key === "/") field.focus();
  });
}

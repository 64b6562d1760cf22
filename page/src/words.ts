/** What the page says where there is no list: welcome, nothing found, errors, the question for a token. */

import type { Library, Problem, Query, Result } from "./api";
import { h } from "./dom";

export function welcome(examples: string[], mayAdd: boolean, pick: (text: string) => void): Node[] {
  const button = (text: string): HTMLElement => h("button", { type: "button", class: "example", click: () => pick(text) }, text);
  const shown = examples.slice(0, 3);
  return [
    h("h2", {}, "What happens in the motion, and what first?"),
    h("p", {}, "Write it as you would tell it. The order counts: “walks, then sits” finds other takes than “sits, then walks”."),
    ...(shown.length ? [h("p", {}, "This library answers these well:"), h("div", { class: "examples" }, ...shown.map(button))] : []),
    h("p", { class: "small" }, `A BVH, NPZ, NPY or GLB file dropped anywhere here searches for motions like it${mayAdd ? ", or is added to the library" : ""}.`),
  ];
}

const WISHES = ["a person walks forward, then sits down", "a person waves, turns around and walks away", "a person jumps, then bows"];

/** Where nothing was made yet. */
export function makeWelcome(pick: (text: string) => void): Node[] {
  const button = (text: string): HTMLElement => h("button", { type: "button", class: "example", click: () => pick(text) }, text);
  return [
    h("h2", {}, "Say what is to happen, and what first"),
    h("p", {}, "Each event gets a bar: draw its end to say how long it lasts. Several variants are made at once; keep the one that you like."),
    h("div", { class: "examples" }, ...WISHES.map(button)),
  ];
}

export interface WayOut {
  widen(): void;
}

/** Nothing to list: what of the query leaves nothing, and a way out of it. */
export function nothingLeft(query: Query, out: WayOut): Node[] {
  if (!query.where) return [h("h2", {}, "Nothing here yet"), h("p", {}, "This library has no clip to show. ", h("code", {}, "chronomotion index"), " adds some.")];
  return [
    h("h2", {}, "The filter leaves nothing"),
    h("p", {}, "No clip of this library fits ", h("code", {}, query.where), "."),
    h("button", { type: "button", click: () => out.widen() }, "Search without the filter"),
  ];
}

export function trouble(problem: Problem | null, error: unknown, again: () => void): Node[] {
  const title = problem?.status === 422 ? "That cannot be searched" : "That did not work";
  const button = h("button", { type: "button", click: again }, "Try again");
  return [h("h2", {}, title), h("p", {}, problem ? problem.message : String(error)), button];
}

/** Asks for the token; `wrong` when one was given that is not it. */
export function tokenForm(wrong: boolean, given: (token: string) => void): HTMLElement[] {
  const input = h("input", { type: "password", id: "token", autocomplete: "off", required: true });
  const form = h(
    "form",
    {
      class: "token",
      submit: (event: Event) => {
        event.preventDefault();
        given(input.value.trim());
      },
    },
    h("label", { for: "token" }, "Token"),
    input,
    h("button", { type: "submit" }, "Go on"),
  );
  const words = wrong ? "That is not it. Whoever serves the library has the token in a file." : "Whoever serves it has the token in a file.";
  return [h("h2", {}, "This library asks for a token"), h("p", {}, words), form];
}

/** The library in one line. */
export function factsOf({ name, clips, hours, model }: Library): string {
  const length = hours < 1 ? `${Math.max(1, Math.round(60 * hours))} min` : `${hours.toFixed(1)} hours`;
  return `${name}: ${clips} ${clips === 1 ? "clip" : "clips"}, ${length}, read by ${model}`;
}

/** The list in one line. */
export function statusOf(result: Result): string {
  const { hits, good, total, notes } = result;
  const all = `${total} ${total === 1 ? "clip" : "clips"}`;
  const some = good === 0 ? "No good match" : `${good} good ${good === 1 ? "match" : "matches"}`;
  const counted = hits.length === 0 ? "" : good === hits.length ? all : some;
  const sentences = notes.map((note) => note.charAt(0).toUpperCase() + note.slice(1));
  return [counted, ...sentences].filter(Boolean).join(". ");
}

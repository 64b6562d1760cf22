/** The order dial: how much the order of the events counts, in words. */

import { byId } from "./dom";

const WORDS: [number, string][] = [
  [0, "any order"],
  [0.5, "rather in this order"],
  [1, "in this order"],
  [1.5, "more strictly"],
  [2, "strictly"],
];

export function wordsOf(value: number): string {
  return WORDS.reduce((best, each) => (Math.abs(each[0] - value) < Math.abs(best[0] - value) ? each : best))[1];
}

export class Dial {
  private readonly input = byId<HTMLInputElement>("dial");

  constructor(turned: (value: number) => void) {
    this.input.addEventListener("input", () => {
      this.show(Number(this.input.value));
      turned(Number(this.input.value));
    });
  }

  show(value: number): void {
    this.input.value = String(value);
    byId("dial-says").textContent = wordsOf(value);
    this.input.setAttribute("aria-valuetext", wordsOf(value));
  }
}

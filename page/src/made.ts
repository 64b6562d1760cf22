/** Variants that were made, side by side, and the one that is looked at. */

import { downloadFrom } from "./api";
import type { Hit } from "./api";
import { Card } from "./card";
import { announce, byId, h } from "./dom";
import { hitOf, placeOf } from "./generating";
import type { Generation, Variant } from "./generating";
import { Selected } from "./selected";
import type { Stage } from "./stage";
import { EMPTY } from "./state";

interface Shown {
  variant: Variant;
  card: Card;
}

export interface MadeActions {
  still(): boolean;
  like: ((id: string, name: string) => void) | null;
}

const FIGURES: [name: string, words: (value: number) => string][] = [
  ["skating", (value) => `feet slide in ${value.toFixed(0)} % of frames`],
  ["floor", (value) => `${value.toFixed(0)} mm off the floor`],
];

export class Made {
  private shown: Shown[] = [];
  private id: string | null = null;
  private readonly home = byId("variants");
  private readonly selected: Selected;
  private readonly play = byId("play-all");

  constructor(
    private readonly stage: Stage,
    private readonly fps: number,
    private readonly actions: MadeActions,
  ) {
    this.selected = new Selected(byId("made-one"), stage, {
      close: () => this.close(),
      time: () => undefined,
      still: actions.still,
      below: (hit, _query, others) => this.below(hit, others),
    });
    this.play.addEventListener("click", () => this.toggleAll());
  }

  /** Grey cards for what is to come; those that are there stay where it is none of them. */
  wait(count: number): void {
    if (count) this.clear();
    for (const card of this.home.querySelectorAll(".waiting")) card.remove();
    this.home.append(...Array.from({ length: count }, () => h("div", { class: "card waiting", "aria-hidden": "true" })));
  }

  show(id: string, now: Generation): void {
    if (id !== this.id) {
      this.wait(now.of);
      this.id = id;
    }
    for (const variant of now.results.slice(this.shown.length)) this.add(variant, now.events);
    this.play.hidden = this.shown.length === 0 || this.actions.still();
    if (now.state === "done" || now.state === "failed") this.wait(0);
  }

  say(...children: (Node | string)[]): void {
    this.clear();
    this.home.replaceChildren(h("div", { class: "say" }, ...children));
  }

  clear(): void {
    this.close();
    for (const { card } of this.shown) card.remove();
    this.shown = [];
    this.id = null;
    this.play.hidden = true;
    this.home.replaceChildren();
    this.stage.change();
  }

  /** What was made, in a line. */
  summary({ results, events }: Generation): string {
    const count = `${results.length} ${results.length === 1 ? "variant" : "variants"} of “${events.map((event) => event.replace(/\.\s*$/, "")).join(", then ")}”`;
    const looked = results.filter(({ found }) => found !== null);
    const whole = looked.filter(({ found }) => found?.every(Boolean)).length;
    return looked.length ? `${count}. Every event was found in ${whole} of ${looked.length}` : count;
  }

  close(): void {
    if (!this.selected.id) return;
    const card = this.shown.find(({ variant }) => variant.id === this.selected.id)?.card;
    this.selected.close();
    this.mark();
    card?.element.querySelector<HTMLElement>(".open")?.focus();
  }

  /** Plays or stops what is looked at, or all. */
  toggle(): void {
    if (this.selected.id) this.selected.toggle();
    else this.toggleAll();
  }

  step(by: number): void {
    if (this.selected.id) this.selected.seekBy(by / this.fps);
  }

  private add(variant: Variant, events: string[]): void {
    const hit = hitOf(variant, events, this.fps, this.shown.length);
    const card = new Card(hit, 0, this.stage, this.actions.still(), {
      open: (_, time) => void this.open(hit, time),
      unfold: () => undefined,
      moved: (time) => this.together(card, time),
    });
    card.element.append(h("p", { class: "caption" }, aboutOf(variant)));
    const waiting = this.home.querySelector(".waiting");
    if (waiting) waiting.replaceWith(card.element);
    else this.home.append(card.element);
    const first = this.shown[0]?.card;
    this.shown.push({ variant, card });
    void card.load().then(() => {
      if (first) card.view.seek(first.view.time); // they move together
      card.view.playing = first ? first.view.playing : card.view.playing;
      this.showPlaying();
      this.stage.change();
    });
  }

  /** Who moves one moves all: the plan is the same. */
  private together(moved: Card, time: number): void {
    for (const { card } of this.shown) if (card !== moved) card.view.seek(time);
  }

  private toggleAll(): void {
    if (this.actions.still()) return;
    const playing = !this.shown.some(({ card }) => card.view.playing);
    for (const { card } of this.shown) card.view.playing = playing;
    this.showPlaying();
    this.stage.change();
  }

  private showPlaying(): void {
    this.play.textContent = this.shown.some(({ card }) => card.view.playing) ? "❚❚ Pause all" : "▶ Play all";
  }

  private async open(hit: Hit, time: number): Promise<void> {
    const opened = this.selected.open(hit, EMPTY, time, this.shown.map(({ card }) => card.hit));
    this.mark();
    byId("made-one").querySelector("h2")?.focus({ preventScroll: true });
    announce(`${hit.clip.name} is open`);
    await opened;
  }

  private mark(): void {
    document.body.classList.toggle("with-selected", this.selected.id !== null);
    for (const { card } of this.shown) card.element.classList.toggle("chosen", card.hit.clip.id === this.selected.id);
  }

  private below(hit: Hit, others: Hit[]): HTMLElement[] {
    const { clip } = hit;
    const variant = this.shown.find(({ card }) => card.hit === hit)?.variant;
    const note = h("span", { class: "trouble", role: "alert" });
    const download = (format: string): HTMLElement => {
      const save = (): void => {
        note.textContent = "";
        const name = `${fileName(hit.events.map((event) => event.text))}-${variant?.seed ?? 0}.${format}`;
        downloadFrom(`${placeOf(clip.id)}/file?format=${format}`, name).catch((error: Error) => (note.textContent = error.message));
      };
      return h("button", { type: "button", click: save }, `Download ${format.toUpperCase()}`);
    };
    const { like } = this.actions;
    const compare = h(
      "select",
      { class: "compare", change: () => void this.selected.compare(others.find((other) => other.clip.id === compare.value) ?? null) },
      h("option", { value: "" }, "nothing"),
      ...others.filter((other) => other !== hit).map((other) => h("option", { value: other.clip.id }, other.clip.name)),
    );
    const deeds = h(
      "div",
      { class: "controls" },
      download("bvh"),
      download("glb"),
      like && h("button", { type: "button", click: () => like(clip.id, clip.name) }, "Motions like it"),
      h("label", {}, "Beside it ", compare),
      note,
    );
    return variant ? [deeds, h("p", { class: "small" }, aboutOf(variant))] : [deeds];
  }
}

/** A variant in a line: seed, what of it was measured. */
function aboutOf({ seed, found, figures }: Variant): string {
  const measured = FIGURES.flatMap(([name, words]) => (typeof figures[name] === "number" ? [words(figures[name])] : []));
  const events = found === null ? [] : [`${found.filter(Boolean).length} of ${found.length} events found`];
  return [`Seed ${seed}`, ...events, ...measured].join(", ");
}

function fileName(events: string[]): string {
  return events.join(" ").replace(/[^A-Za-z0-9]+/g, "_").replace(/^_|_$/g, "").slice(0, 60) || "motion";
}

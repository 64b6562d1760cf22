/** A result: a person who moves, the name, and when each event happens. */

import type { Clip, Hit } from "./api";
import { eventBar, legend } from "./bar";
import type { Bar } from "./bar";
import { framesOf, pathColour } from "./clips";
import { h, seconds } from "./dom";
import type { Stage } from "./stage";
import { View3D } from "./view";

export interface CardActions {
  open(hit: Hit, time: number): void;
  unfold(hit: Hit): void;
  /** The reader has moved its time. */
  moved?(time: number): void;
}

export class Card {
  readonly element: HTMLElement;
  readonly view: View3D;
  private readonly bar: Bar;
  private asked = false;

  constructor(
    readonly hit: Hit,
    rank: number,
    private readonly stage: Stage,
    private readonly still: boolean,
    private readonly actions: CardActions,
  ) {
    const { clip } = hit;
    const screen = h("span", { class: "screen" });
    const open = h(
      "button",
      { type: "button", class: "open", "aria-label": `Open ${clip.name}`, click: () => actions.open(hit, this.view.time) },
      screen,
    );
    this.view = new View3D(screen);
    this.view.strip = still;
    this.bar = eventBar(clip.name, clip.duration, hit.events, (time) => this.seek(time));
    this.view.onTime = (time) => this.bar.at(time);
    this.element = h(
      "article",
      { class: `card ${hit.good ? "" : "doubtful"}`, "data-id": clip.id },
      open,
      this.bar.element,
      h(
        "div",
        { class: "about" },
        h("h2", {}, rank ? h("span", { class: "rank" }, `${rank}`) : null, " ", clip.name),
        h("span", { class: "times" }, seconds(clip.duration)),
      ),
      hit.events.length ? legend(hit.events) : null,
      clip.captions.length ? h("p", { class: "caption" }, clip.captions[0]) : null,
      hit.duplicates.length ? this.alike(hit, actions) : null,
    );
    this.element.addEventListener("pointerenter", () => (stage.favourite = this.view));
    this.view.seek(this.start());
  }

  /** Fetches the motion when the card comes on the screen for the first time. */
  async load(): Promise<void> {
    if (this.asked) return;
    this.asked = true;
    try {
      const frames = await framesOf(this.hit.clip.id);
      this.view.show(frames, pathColour(this.hit.events));
      this.view.playing = !this.still;
      this.stage.views.add(this.view);
      this.stage.change();
    } catch (error) {
      this.view.element.append(h("span", { class: "trouble" }, error instanceof Error ? error.message : String(error)));
    }
  }

  remove(): void {
    this.stage.views.delete(this.view);
  }

  private start(): number {
    return Math.max(0, this.hit.best[0]);
  }

  private seek(time: number): void {
    this.view.seek(time);
    this.actions.moved?.(this.view.time);
    this.stage.change();
  }

  private alike(hit: Hit, actions: CardActions): HTMLElement {
    const names = hit.duplicates.map((clip: Clip) => clip.name).join(", ");
    const button = h(
      "button",
      { type: "button", class: "alike", title: names, click: () => actions.unfold(hit) },
      `and ${hit.duplicates.length} nearly the same`,
    );
    return button;
  }
}

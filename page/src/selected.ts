/** The selected clip, large: orbit, speed, a loop of one event, a second clip beside it, and why it was found. */

import type { EventMatch, Hit, Query } from "./api";
import { eventBar, legend } from "./bar";
import type { Bar, Part } from "./bar";
import { framesOf, pathColour } from "./clips";
import { playControls } from "./controls";
import { announce, h, seconds } from "./dom";
import { turnable } from "./orbit";
import type { Stage } from "./stage";
import { timeBeside } from "./together";
import { View3D } from "./view";

export interface SelectedActions {
  close(): void;
  time(time: number): void;
  still(): boolean;
  /** What stands below the large view: what can be done with the clip, and what is known about it. */
  below(hit: Hit, query: Query, others: Hit[], mark: PartMark): HTMLElement[];
}

/** The part of the clip that is marked. */
export interface PartMark {
  part(): Part | null;
  unmark(): void;
}

export class Selected {
  private main: View3D | null = null;
  private second: View3D | null = null;
  private bar: Bar | null = null;
  private hit: Hit | null = null;
  private beside: Hit | null = null;

  constructor(
    private readonly home: HTMLElement,
    private readonly stage: Stage,
    private readonly actions: SelectedActions,
  ) {}

  get id(): string | null {
    return this.hit?.clip.id ?? null;
  }

  close(): void {
    for (const view of [this.main, this.second]) if (view) this.stage.views.delete(view);
    this.main = this.second = this.bar = this.hit = this.beside = null;
    this.home.hidden = true;
    this.home.replaceChildren();
    this.stage.change();
  }

  async open(hit: Hit, query: Query, time: number, others: Hit[]): Promise<void> {
    this.close();
    this.hit = hit;
    const { clip } = hit;
    const screen = h("div", { class: "screen large" });
    const view = (this.main = this.viewOf(screen, clip.name));
    this.bar = eventBar(clip.name, clip.duration, hit.events, (to) => this.seek(to), (part) => this.marked(part));
    this.home.replaceChildren(
      h(
        "div",
        { class: "head" },
        h("h2", { tabindex: -1 }, clip.name),
        h("button", { type: "button", class: "close", "aria-label": "Close", click: () => this.actions.close() }, "×"),
      ),
      h("div", { class: "screens" }, screen),
      this.bar.element,
      ...(hit.events.length ? [legend(hit.events, (place) => this.loop(place))] : []),
      this.controls(clip.name, false),
      ...this.actions.below(hit, query, others, { part: () => this.bar?.part() ?? null, unmark: () => this.bar?.mark(null) }),
    );
    this.home.hidden = false;
    this.home.scrollTop = 0;
    if (matchMedia("(max-width: 59.99rem)").matches) this.home.scrollIntoView({ block: "start" }); // it stands above the list
    view.onTime = (now) => {
      this.bar?.at(now);
      this.together();
      this.actions.time(now);
    };
    view.playing = !this.actions.still();
    this.showPlaying();
    await this.load(view, hit);
    if (this.main !== view) return;
    view.follow = view.goesFar();
    this.home.querySelector(".play")?.closest(".controls")?.replaceWith(this.controls(clip.name, view.follow));
    view.seek(time);
    this.showPlaying();
    this.stage.change();
  }

  /** Puts a second clip beside, at the same event at the same moment. */
  async compare(other: Hit | null): Promise<void> {
    if (this.second) this.stage.views.delete(this.second);
    this.home.querySelector(".screen.second")?.remove();
    this.second = null;
    this.beside = other;
    const choice = this.home.querySelector<HTMLSelectElement>(".compare");
    if (choice && other && ![...choice.options].some((option) => option.value === other.clip.id)) {
      choice.append(h("option", { value: other.clip.id }, other.clip.name));
    }
    if (choice) choice.value = other?.clip.id ?? "";
    if (!other) {
      this.main?.element.replaceChildren();
      this.stage.change();
      return;
    }
    this.main?.element.replaceChildren(h("span", { class: "whose" }, this.hit?.clip.name));
    const screen = h("div", { class: "screen large second" }, h("span", { class: "whose" }, other.clip.name));
    this.home.querySelector(".screens")?.append(screen);
    const view = (this.second = this.viewOf(screen, other.clip.name));
    view.dress = "second";
    if (this.main) {
      const { turn, tilt, distance, follow, bones } = this.main;
      Object.assign(view, { turn, tilt, distance, follow, bones });
    }
    await this.load(view, other);
    this.together();
    this.stage.change();
  }

  toggle(): void {
    if (!this.main) return;
    this.main.playing = !this.main.playing;
    this.showPlaying();
    this.stage.change();
  }

  seekBy(by: number): void {
    if (this.main) this.seek(this.main.time + by);
  }

  private viewOf(screen: HTMLElement, name: string): View3D {
    turnable(screen, name, () => [this.main, this.second].filter((view) => view !== null), () => this.stage.change());
    return new View3D(screen, true);
  }

  private async load(view: View3D, hit: Hit): Promise<void> {
    try {
      view.show(await framesOf(hit.clip.id), pathColour(hit.events));
      if (view === this.main || view === this.second) this.stage.views.add(view);
    } catch (error) {
      view.element.append(h("span", { class: "trouble" }, error instanceof Error ? error.message : String(error)));
    }
  }

  private seek(time: number): void {
    if (!this.main) return;
    this.main.seek(time);
    this.stage.change();
  }

  private together(): void {
    if (!this.main || !this.second || !this.hit || !this.beside) return;
    this.second.seek(timeBeside(this.main.time, spans(this.hit), spans(this.beside), this.main.length, this.second.length));
  }

  /** Marks an event, which loops it, or takes the mark away. */
  private loop(place: number): void {
    const span = this.hit?.events[place]?.span;
    if (!this.main || !span) return;
    const again = same(this.bar?.part() ?? null, span);
    this.bar?.mark(again ? null : [span[0], span[1]]);
    if (!again) this.seek(span[0]);
  }

  /** A part is marked, or none: it plays again and again, and can be searched with. */
  private marked(part: Part | null): void {
    if (this.main) this.main.loop = part;
    for (const name of ["like-part", "unmark"]) {
      const button = this.home.querySelector<HTMLElement>(`.${name}`);
      if (button) button.hidden = part === null;
    }
    const words = part ? `${part[0].toFixed(1)} to ${seconds(part[1])}` : "";
    const button = this.home.querySelector(".like-part");
    if (button && part) button.textContent = `More like ${words}`;
    for (const [place, item] of [...this.home.querySelectorAll(".legend button")].entries()) {
      item.setAttribute("aria-pressed", String(same(part, this.placed()[place])));
    }
    announce(part ? `Marked: ${words}` : "No part is marked");
    this.stage.change();
  }

  /** Spans of the events that have one: what the buttons of the legend stand for. */
  private placed(): Part[] {
    return this.hit?.events.flatMap((event) => (event.span ? [event.span] : [])) ?? [];
  }

  private controls(name: string, follows: boolean): HTMLElement {
    const both = (change: (view: View3D) => void): void => {
      for (const each of [this.main, this.second]) if (each) change(each);
      this.stage.change();
    };
    return playControls(name, follows, {
      toggle: () => this.toggle(),
      speed: (value) => both((view) => (view.speed = value)),
      follow: (on) => both((view) => (view.follow = on)),
      bones: (on) => both((view) => (view.bones = on)),
    });
  }

  private showPlaying(): void {
    const button = this.home.querySelector(".play");
    if (button) button.textContent = this.main?.playing ? "❚❚" : "▶";
  }
}

function same(a: Part | null, b: Part | undefined): boolean {
  return a !== null && b !== undefined && a[0] === b[0] && a[1] === b[1];
}

function spans(hit: Hit): ([number, number] | null)[] {
  return hit.events.map((event: EventMatch) => (event.found ? event.span : null));
}

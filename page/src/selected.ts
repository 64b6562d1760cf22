/** The selected clip, large: orbit, speed, a loop of one event, a second clip beside it, and why it was found. */

import * as api from "./api";
import type { EventMatch, Hit, Query } from "./api";
import { eventBar, legend } from "./bar";
import type { Bar } from "./bar";
import { framesOf, pathColour } from "./clips";
import { h, seconds } from "./dom";
import type { Stage } from "./stage";
import { timeBeside } from "./together";
import { View3D } from "./view";
import { whyThisOrder } from "./why";

export interface SelectedActions {
  close(): void;
  like(id: string, name: string, part: [number, number] | null): void;
  time(time: number): void;
  still(): boolean;
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
    const view = (this.main = this.viewOf(screen));
    this.bar = eventBar(clip.name, clip.duration, hit.events, (to) => this.seek(to), (part) => this.parted(part));
    this.home.replaceChildren(
      h(
        "div",
        { class: "head" },
        h("h2", { tabindex: -1 }, clip.name),
        h("button", { type: "button", class: "close", "aria-label": "Close", click: () => this.actions.close() }, "×"),
      ),
      h("div", { class: "screens" }, screen),
      this.bar.element,
      hit.events.length ? legend(hit.events, (place) => this.loop(place)) : h("span", {}),
      this.controls(view, hit),
      this.deeds(hit, others),
      this.facts(hit),
      whyThisOrder(hit, query),
    );
    this.home.hidden = false;
    this.home.scrollTop = 0;
    view.onTime = (now) => {
      this.bar?.at(now);
      this.together();
      this.actions.time(now);
    };
    await this.load(view, hit);
    if (this.main !== view) return;
    view.seek(time);
    view.playing = !this.actions.still();
    this.showPlaying();
    this.stage.change();
  }

  /** Puts a second clip beside, at the same event at the same moment. */
  async compare(other: Hit | null): Promise<void> {
    if (this.second) this.stage.views.delete(this.second);
    this.home.querySelector(".screen.second")?.remove();
    this.second = null;
    this.beside = other;
    if (!other) {
      this.stage.change();
      return;
    }
    const screen = h("div", { class: "screen large second" }, h("span", { class: "whose" }, other.clip.name));
    this.home.querySelector(".screens")?.append(screen);
    const view = (this.second = this.viewOf(screen));
    view.dress = "second";
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

  private viewOf(screen: HTMLElement): View3D {
    const view = new View3D(screen, true);
    let last: PointerEvent | null = null;
    screen.addEventListener("pointerdown", (event) => {
      screen.setPointerCapture(event.pointerId);
      last = event;
    });
    screen.addEventListener("pointermove", (event) => {
      if (!last) return;
      for (const each of [this.main, this.second]) {
        if (!each) continue;
        each.turn -= (event.clientX - last.clientX) * 0.008;
        each.tilt = Math.max(-0.05, Math.min(1.5, each.tilt + (event.clientY - last.clientY) * 0.006));
      }
      last = event;
      this.stage.change();
    });
    for (const end of ["pointerup", "pointercancel"]) screen.addEventListener(end, () => (last = null));
    screen.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        for (const each of [this.main, this.second]) {
          if (each) each.distance = Math.max(0.3, Math.min(3, each.distance * Math.exp(event.deltaY * 0.001)));
        }
        this.stage.change();
      },
      { passive: false },
    );
    return view;
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

  private loop(place: number): void {
    const view = this.main;
    const span = this.hit?.events[place]?.span;
    if (!view || !span) return;
    const same = view.loop !== null && view.loop[0] === span[0] && view.loop[1] === span[1];
    view.loop = same ? null : [span[0], span[1]];
    for (const [number, item] of [...this.home.querySelectorAll(".legend button")].entries()) {
      item.setAttribute("aria-pressed", String(!same && number === place));
    }
    if (!same) this.seek(span[0]);
    this.stage.change();
  }

  private parted(part: [number, number] | null): void {
    const button = this.home.querySelector<HTMLElement>(".like-part");
    if (button) button.hidden = part === null;
    if (this.main) this.main.loop = part;
  }

  private controls(view: View3D, hit: Hit): HTMLElement {
    const tick = (label: string, change: (on: boolean) => void): HTMLElement =>
      h("label", {}, h("input", { type: "checkbox", change: (event: Event) => {
        change((event.target as HTMLInputElement).checked);
        this.stage.change();
      } }), label);
    const speed = h(
      "select",
      { change: (event: Event) => (view.speed = Number((event.target as HTMLSelectElement).value)) },
      ...[0.25, 0.5, 1, 2].map((value) => h("option", { value, selected: value === 1 }, `${value} ×`)),
    );
    const both = (change: (view: View3D) => void): void => {
      for (const each of [this.main, this.second]) if (each) change(each);
    };
    return h(
      "div",
      { class: "controls" },
      h("button", { type: "button", class: "play", click: () => this.toggle(), "aria-label": `Play or pause ${hit.clip.name}` }, "▶"),
      h("label", {}, "Speed ", speed),
      tick("Follow", (on) => both((each) => (each.follow = on))),
      tick("Bones", (on) => both((each) => (each.bones = on))),
    );
  }

  private showPlaying(): void {
    const button = this.home.querySelector(".play");
    if (button) button.textContent = this.main?.playing ? "❚❚" : "▶";
  }

  private deeds(hit: Hit, others: Hit[]): HTMLElement {
    const { clip } = hit;
    const compare = h(
      "select",
      {
        class: "compare",
        change: (event: Event) => {
          const id = (event.target as HTMLSelectElement).value;
          void this.compare(others.find((other) => other.clip.id === id) ?? null);
        },
      },
      h("option", { value: "" }, "nothing"),
      ...others.filter((other) => other.clip.id !== clip.id).map((other) => h("option", { value: other.clip.id }, other.clip.name)),
    );
    return h(
      "div",
      { class: "controls" },
      h("button", { type: "button", click: () => this.actions.like(clip.id, clip.name, null) }, "More like this"),
      h(
        "button",
        {
          type: "button",
          class: "like-part",
          hidden: true,
          click: () => this.actions.like(clip.id, clip.name, this.bar?.part() ?? null),
        },
        "More like the marked part",
      ),
      h("button", { type: "button", click: () => void api.download(clip.id, clip.name).catch((error: Error) => alert(error.message)) }, "Download BVH"),
      h("label", {}, "Beside it ", compare),
    );
  }

  private facts(hit: Hit): HTMLElement {
    const { clip } = hit;
    const row = (name: string, value: string): Node[] => [h("dt", {}, name), h("dd", {}, value)];
    return h(
      "dl",
      { class: "facts" },
      ...row("File", clip.file),
      ...row("From", clip.source),
      ...row("Length", seconds(clip.duration)),
      ...row("Changed", new Date(clip.date * 1000).toLocaleDateString()),
      ...clip.captions.slice(0, 3).flatMap((caption) => row("Caption", caption)),
      ...(clip.labels.length ? row("Labels", clip.labels.join(", ")) : []),
    );
  }
}

function spans(hit: Hit): ([number, number] | null)[] {
  return hit.events.map((event: EventMatch) => (event.found ? event.span : null));
}

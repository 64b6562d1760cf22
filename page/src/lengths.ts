/** How long each event of a plan lasts: a bar each, in a row, whose ends are moved by pointer or arrow keys. */

import { announce, clamp, colourOf, h, plain } from "./dom";

export const STEP = 0.2; // seconds: four frames, which is what generators make at a time
const LEAST = 0.4;
const ROOM = 1.3; // how much longer the row is than the plan, so that there is room to draw it out
const SHORTEST_ROW = 6; // seconds

/** An event where there is little room: who does it is the same in all. */
function brief(words: string): string {
  return words.replace(/^(a|the) person (?=\S)/i, "");
}

export function rounded(seconds: number): number {
  return Math.max(LEAST, Math.round(seconds / STEP) * STEP);
}

/** Seconds of a plan so that event `place` lasts as long as asked, as far as the limit lets it. */
export function withLength(seconds: number[], place: number, wanted: number, limit: number): number[] {
  const others = seconds.reduce((sum, each, at) => sum + (at === place ? 0 : each), 0);
  const most = Math.max(LEAST, Math.floor((limit - others + 1e-9) / STEP) * STEP);
  return seconds.map((each, at) => (at === place ? Number(clamp(rounded(wanted), LEAST, most).toFixed(1)) : each));
}

export class Lengths {
  private seconds: number[] = [];
  private limit = Infinity;
  private row = SHORTEST_ROW;

  constructor(
    private readonly home: HTMLElement,
    private readonly changed: (seconds: number[]) => void,
  ) {}

  show(events: string[], seconds: number[], limit: number): void {
    this.seconds = [...seconds];
    this.limit = limit;
    this.row = this.rowFor();
    this.home.replaceChildren(...events.map((text, place) => this.bar(text, place)), h("span", { class: "ruler", "aria-hidden": "true" }));
    this.place();
  }

  private get total(): number {
    return this.seconds.reduce((sum, each) => sum + each, 0);
  }

  private rowFor(): number {
    return Math.max(SHORTEST_ROW, Math.min(this.limit, this.total * ROOM), this.total);
  }

  private bar(text: string, place: number): HTMLElement {
    const words = plain(text);
    const end = h("span", {
      class: "end",
      role: "slider",
      tabindex: 0,
      "aria-label": `Seconds of “${words}”`,
      "aria-valuemin": LEAST,
      keydown: (event: KeyboardEvent) => this.key(event, place),
      pointerdown: (event: PointerEvent) => this.drag(event, place),
    });
    return h("div", { class: `length ${colourOf(place)}`, title: words }, h("span", { class: "name" }, brief(words)), h("span", { class: "number" }), end);
  }

  /** Puts everything where the seconds say. */
  private place(): void {
    for (const [place, bar] of [...this.home.querySelectorAll<HTMLElement>(".length")].entries()) {
      const seconds = this.seconds[place];
      bar.style.width = `${(100 * seconds) / this.row}%`;
      (bar.querySelector(".number") as HTMLElement).textContent = `${seconds.toFixed(1)} s`;
      const end = bar.querySelector(".end") as HTMLElement;
      end.setAttribute("aria-valuenow", seconds.toFixed(1));
      end.setAttribute("aria-valuetext", `${seconds.toFixed(1)} seconds`);
      end.setAttribute("aria-valuemax", (this.limit - this.total + seconds).toFixed(1));
    }
  }

  private set(place: number, wanted: number): void {
    this.seconds = withLength(this.seconds, place, wanted, this.limit);
    this.place();
    this.changed([...this.seconds]);
  }

  private key(event: KeyboardEvent, place: number): void {
    const now = this.seconds[place];
    const wanted = {
      ArrowLeft: now - STEP, ArrowDown: now - STEP, ArrowRight: now + STEP, ArrowUp: now + STEP,
      PageDown: now - 1, PageUp: now + 1, Home: LEAST, End: this.limit,
    }[event.key];
    if (wanted === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.set(place, wanted);
    this.row = this.rowFor();
    this.place();
    announce(`${this.total.toFixed(1)} seconds in all`);
  }

  private drag(event: PointerEvent, place: number): void {
    if (event.button !== 0) return;
    event.preventDefault();
    const end = event.currentTarget as HTMLElement;
    end.focus({ preventScroll: true });
    end.setPointerCapture(event.pointerId);
    const perPixel = this.row / Math.max(1, this.home.getBoundingClientRect().width);
    const start = { x: event.clientX, seconds: this.seconds[place] };
    const move = (moved: PointerEvent): void => this.set(place, start.seconds + (moved.clientX - start.x) * perPixel);
    const stop = (): void => {
      end.removeEventListener("pointermove", move);
      this.row = this.rowFor();
      this.place();
      announce(`${this.total.toFixed(1)} seconds in all`);
    };
    end.addEventListener("pointermove", move);
    end.addEventListener("pointerup", stop, { once: true });
    end.addEventListener("pointercancel", stop, { once: true });
  }
}

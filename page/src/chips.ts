/** The events of the query as chips: edited, added, removed, and moved into another order by pointer or arrow keys. */

import { announce, colourOf, h, plain } from "./dom";

export class Chips {
  private events: string[] = [];
  private dragged: { from: number; to: number } | null = null;

  constructor(
    private readonly list: HTMLOListElement,
    private readonly changed: (events: string[]) => void,
  ) {}

  show(events: string[]): void {
    if (this.dragged || this.list.querySelector("input")) return; // not under the reader's hand
    if (JSON.stringify(events) === JSON.stringify(this.events) && this.list.childElementCount) return;
    this.events = [...events];
    this.render();
  }

  private render(focus: { place: number; part: string } | null = null): void {
    const chips = this.events.map((text, place) => this.chip(text, place));
    const add = h("button", { type: "button", class: "add", click: () => this.edit(this.events.length) }, "+ event");
    this.list.replaceChildren(...chips, h("li", {}, add));
    if (focus) this.list.children[focus.place]?.querySelector<HTMLElement>(`.${focus.part}`)?.focus();
  }

  private chip(event: string, place: number): HTMLLIElement {
    const text = plain(event);
    const where = `${place + 1} of ${this.events.length}`;
    const grip = h(
      "button",
      {
        type: "button",
        class: "grip",
        "aria-label": `Move “${text}”, event ${where}. Arrow keys change its place.`,
        keydown: (event: KeyboardEvent) => this.key(event, place),
        pointerdown: (event: PointerEvent) => this.drag(event, place),
      },
      "⠿",
    );
    const words = h(
      "button",
      { type: "button", class: "words", "aria-label": `Edit “${text}”`, click: () => this.edit(place) },
      text,
    );
    const remove = h(
      "button",
      { type: "button", class: "remove", "aria-label": `Remove “${text}”`, click: () => this.remove(place) },
      "×",
    );
    return h("li", { class: `chip ${colourOf(place)}` }, grip, words, remove);
  }

  private key(event: KeyboardEvent, place: number): void {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.remove(place);
    }
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(place, place + step);
  }

  private move(from: number, to: number): void {
    if (to < 0 || to >= this.events.length || from === to) return;
    const [text] = this.events.splice(from, 1);
    this.events.splice(to, 0, text);
    this.render({ place: to, part: "grip" });
    announce(`${plain(text)}: now event ${to + 1} of ${this.events.length}`);
    this.changed([...this.events]);
  }

  private remove(place: number): void {
    const [text] = this.events.splice(place, 1);
    this.render({ place: Math.min(place, this.events.length - 1), part: "grip" });
    announce(`${plain(text)} removed`);
    this.changed([...this.events]);
  }

  private edit(place: number): void {
    const old = plain(this.events[place] ?? "");
    const input = h("input", { type: "text", value: old, maxlength: 300, "aria-label": "Event", placeholder: "sits down" });
    let done = false;
    const finish = (keep: boolean): void => {
      if (done) return;
      done = true;
      const text = input.value.trim();
      if (keep && text && text !== old) {
        this.events[place] = text;
        this.render({ place, part: "words" });
        this.changed([...this.events]);
      } else if (keep && !text && old) {
        this.remove(place);
      } else {
        this.render({ place: Math.min(place, this.events.length - 1), part: "words" });
      }
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        finish(event.key === "Enter");
      }
    });
    input.addEventListener("blur", () => finish(true));
    const item = h("li", { class: `chip ${colourOf(place)}` }, input);
    const there = this.list.children[place];
    if (place < this.events.length) there.replaceWith(item);
    else this.list.insertBefore(item, there);
    input.focus();
    input.select();
  }

  private drag(event: PointerEvent, from: number): void {
    if (event.button !== 0) return;
    const grip = event.currentTarget as HTMLElement;
    const item = grip.closest("li") as HTMLLIElement;
    const start = { x: event.clientX, y: event.clientY };
    grip.setPointerCapture(event.pointerId);
    this.dragged = { from, to: from };
    const move = (moved: PointerEvent): void => {
      item.classList.add("dragged");
      item.style.transform = `translate(${moved.clientX - start.x}px, ${moved.clientY - start.y}px)`;
      const to = this.placeUnder(moved.clientX, moved.clientY, item);
      if (this.dragged) this.dragged.to = to;
      for (const [place, other] of [...this.list.querySelectorAll<HTMLElement>("li.chip")].entries()) {
        other.classList.toggle("target", place === to && other !== item);
      }
    };
    const end = (): void => {
      grip.removeEventListener("pointermove", move);
      const dragged = this.dragged;
      this.dragged = null;
      item.classList.remove("dragged");
      item.style.transform = "";
      for (const other of this.list.querySelectorAll(".target")) other.classList.remove("target");
      if (dragged && dragged.to !== dragged.from) this.move(dragged.from, dragged.to);
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", end, { once: true });
    grip.addEventListener("pointercancel", end, { once: true });
  }

  /** The place whose chip is nearest to the pointer. */
  private placeUnder(x: number, y: number, dragged: HTMLElement): number {
    let nearest = this.dragged?.from ?? 0;
    let least = Infinity;
    for (const [place, chip] of [...this.list.querySelectorAll<HTMLElement>("li.chip")].entries()) {
      const box = chip.getBoundingClientRect();
      const shift = chip === dragged ? new DOMMatrix(getComputedStyle(chip).transform) : null;
      const middleX = (box.left + box.right) / 2 - (shift?.e ?? 0);
      const middleY = (box.top + box.bottom) / 2 - (shift?.f ?? 0);
      const distance = Math.hypot(x - middleX, 2 * (y - middleY));
      if (distance < least) [least, nearest] = [distance, place];
    }
    return nearest;
  }
}

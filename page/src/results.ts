/** The list of results: cards, the line where they stop being good, and what is said when there is none. */

import type { Hit, Result } from "./api";
import { Card } from "./card";
import type { CardActions } from "./card";
import { h } from "./dom";
import type { Stage } from "./stage";

export class Results {
  private cards: Card[] = [];
  private readonly seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) void this.cards.find((card) => card.element === entry.target)?.load();
      }
    },
    { rootMargin: "200px" },
  );

  constructor(
    private readonly home: HTMLElement,
    private readonly stage: Stage,
    private readonly still: () => boolean,
    private readonly actions: Omit<CardActions, "unfold">,
  ) {
    home.addEventListener("keydown", (event) => this.key(event));
  }

  get first(): Hit | null {
    return this.cards[0]?.hit ?? null;
  }

  show(result: Result, more: (() => void) | null): void {
    this.clear();
    const hits = result.hits;
    const list = hits.flatMap((hit, place) => this.entries(hit, place, result.good));
    this.home.replaceChildren(...list);
    if (more) this.home.append(h("button", { type: "button", class: "more", click: more }, "Show more"));
    this.stage.change();
  }

  say(...children: (Node | string)[]): void {
    this.clear();
    this.home.replaceChildren(h("div", { class: "say" }, ...children));
    this.stage.change();
  }

  /** More clips below what is said. */
  add(hits: Hit[], words: string): void {
    const cards = hits.map((hit, place) => this.made(hit, place + 1));
    this.home.append(h("div", { class: "line" }, h("span", {}, words)), ...cards.map((card) => card.element));
  }

  /** Grey cards while the first answer is on its way. */
  wait(): void {
    if (this.cards.length) return;
    this.home.replaceChildren(...Array.from({ length: 6 }, () => h("div", { class: "card waiting", "aria-hidden": "true" })));
  }

  card(id: string): Card | null {
    return this.cards.find((card) => card.hit.clip.id === id) ?? null;
  }

  mark(selected: string | null): void {
    for (const card of this.cards) card.element.classList.toggle("chosen", card.hit.clip.id === selected);
  }

  private entries(hit: Hit, place: number, good: number): HTMLElement[] {
    const card = this.made(hit, place + 1);
    if (place !== good) return [card.element];
    const words = good === 0 ? "The nearest motions, probably not what you are looking for" : "Below: probably not what you are looking for";
    return [h("div", { class: "line", role: "separator", "aria-label": words }, h("span", {}, words)), card.element];
  }

  private made(hit: Hit, rank: number): Card {
    const card: Card = new Card(hit, rank, this.stage, this.still(), {
      ...this.actions,
      unfold: (folded) => this.unfold(card, folded),
    });
    this.cards.push(card);
    this.seen.observe(card.element);
    return card;
  }

  /** Near-duplicates become cards of their own, behind the one that they were folded under. */
  private unfold(card: Card, hit: Hit): void {
    let after = card.element;
    for (const clip of hit.duplicates) {
      const alike = this.made({ ...hit, clip, duplicates: [] }, 0);
      alike.element.classList.add("unfolded");
      after.after(alike.element);
      after = alike.element;
    }
    card.element.querySelector(".alike")?.remove();
  }

  private clear(): void {
    for (const card of this.cards) card.remove();
    this.seen.disconnect();
    this.cards = [];
  }

  /** Arrow keys walk through the cards, row by row as they lie. */
  private key(event: KeyboardEvent): void {
    const open = document.activeElement?.closest(".card")?.querySelector<HTMLElement>(".open");
    if (!open || document.activeElement !== open) return;
    const buttons = [...this.home.querySelectorAll<HTMLElement>(".open")];
    const place = buttons.indexOf(open);
    const top = (button: HTMLElement): number => button.getBoundingClientRect().top;
    const columns = Math.max(1, buttons.findIndex((button) => top(button) > top(buttons[0]) + 5));
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const next = step === undefined ? undefined : buttons[place + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

/** Searching: what is asked, what was found, and what is looked at; all of it in the address. */

import * as api from "./api";
import type { Hit, Query, Result } from "./api";
import { Adding } from "./adding";
import { Chips } from "./chips";
import { belowClip } from "./controls";
import { Dial } from "./dial";
import { announce, byId, h } from "./dom";
import { acceptFiles } from "./drop";
import type { KeyActions } from "./keys";
import { Results } from "./results";
import { Selected } from "./selected";
import { LikeBanner } from "./sent";
import type { Stage } from "./stage";
import { addressOf, asks, EMPTY, sameQuery, viewOf } from "./state";
import type { View } from "./state";
import { factsOf, nothingLeft, statusOf, tokenForm, trouble, welcome } from "./words";

const PAUSE = 150; // milliseconds without a key before it is searched
const PAGE = 12;
const MOST = 96; // clips in a list

export interface PageActions {
  still(): boolean;
  /** Begins anew, with another token. */
  restart(): void;
  /** Searching is to be seen. */
  activate(): void;
}

export class Search {
  private view: View = viewOf(new URL(location.href));
  private answered: { query: Query; top: number; result: Result } | null = null;
  private running: AbortController | null = null;
  private timer = 0;
  private top = PAGE;
  private library: api.Library | null = null;
  private readonly chips = new Chips(byId<HTMLOListElement>("chips"), (events) => this.reorder(events));
  private readonly dial = new Dial((order) => this.change({ order }, PAUSE));
  private readonly like = new LikeBanner({
    words: () => this.visit({ ...this.view, query: { ...this.view.query, like: null } }),
    mayAdd: () => this.adding.possible.length > 0,
    add: (file) => this.adding.add([file]),
  });
  private readonly adding = new Adding({
    changed: () => void this.libraryChanged(),
    show: (clip) => void this.openAlone(clip),
    like: (clip, name) => this.searchLike(clip, name, null),
  });
  private readonly results: Results;
  private readonly selected: Selected;

  /** What the keys do here. */
  readonly keys: KeyActions = {
    close: () => this.selected.id && this.closeSelected(),
    toggle: () => this.selected.toggle(),
    step: (by) => this.selected.seekBy(by / 20),
    field: () => byId<HTMLInputElement>("query"),
    enter: () => document.querySelector<HTMLElement>("#results .card .open")?.focus(),
  };

  constructor(
    readonly stage: Stage,
    private readonly page: PageActions,
  ) {
    const { still } = page;
    this.results = new Results(byId("results"), stage, still, { open: (hit, time) => this.openHit(hit, time) });
    this.selected = new Selected(byId("selected"), stage, {
      close: () => this.closeSelected(),
      below: (...given) =>
        belowClip(...given, {
          like: (id, name, part) => this.searchLike(id, name, part),
          beside: (id) => void this.putBeside(id),
        }),
      time: (time) => this.rememberTime(time),
      still,
    });
    this.listen();
  }

  /** A library to search in. */
  use(library: api.Library): void {
    this.library = library;
    this.adding.allow(library.extensible);
  }

  /** Shows what the address says. */
  async open(): Promise<void> {
    byId("facts").textContent = this.library ? factsOf(this.library) : "";
    document.title = `${this.library?.name ?? ""} · Chronomotion`;
    await this.back();
  }

  /** Somebody goes to another tab. */
  leaveTab(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    this.leave();
    this.closePanel();
  }

  private listen(): void {
    const query = byId<HTMLInputElement>("query");
    byId("ask").addEventListener("submit", (event) => event.preventDefault());
    query.addEventListener("input", () => this.change({ text: query.value, events: null, like: null }, PAUSE));
    for (const name of ["where", "without"] as const) {
      const field = byId<HTMLInputElement>(name);
      field.addEventListener("input", () => this.change({ [name]: field.value.trim() }, 3 * PAUSE));
    }
    const sort = byId<HTMLSelectElement>("sort");
    sort.addEventListener("change", () => this.change({ sort: sort.value }, 0));
    byId("home").addEventListener("click", (event) => {
      event.preventDefault();
      this.visit({ query: { ...EMPTY }, selected: null, beside: null, time: 0 });
    });
    acceptFiles({
      reading: (name) => (byId("status").textContent = `Reading ${name} …`),
      sent: (upload, file) => {
        this.like.keep(upload, file);
        this.searchLike(upload.id, upload.name, null);
        announce(`${upload.name} is read${upload.notes.length ? `, with ${upload.notes.length} doubts` : ""}`);
      },
      failed: (name, reason) => {
        byId("status").textContent = "";
        this.results.say(h("h2", {}, `${name} cannot be read`), h("p", {}, reason), h("p", { class: "small" }, "Esc, or a new search, goes on."));
        announce(`${name} cannot be read`);
      },
      ready: () => this.library !== null,
      libraries: () => this.adding.possible,
      add: (files, library) => this.adding.add(files, library),
    });
    matchMedia("(prefers-reduced-motion: reduce)").addEventListener("change", () => {
      if (this.answered) this.show(this.answered.result);
    });
  }

  /** The query changes under the reader's hands: it is asked after a pause, and replaces the address. */
  private change(change: Partial<Query>, pause: number): void {
    this.view.query = { ...this.view.query, ...change };
    this.view.selected = this.view.beside = null;
    this.view.time = 0;
    this.top = PAGE;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.selected.close();
      document.body.classList.remove("with-selected");
      history.replaceState({ scroll: 0 }, "", addressOf(this.view));
      void this.ask();
    }, pause);
  }

  private reorder(events: string[]): void {
    const text = events.join(", then ");
    byId<HTMLInputElement>("query").value = text;
    this.change({ events: events.length ? events : null, text: events.length ? text : "", like: null }, 0);
  }

  /** Notes in the history where the list is, for Back. */
  private leave(): void {
    history.replaceState({ scroll: scrollY, top: this.top }, "", location.href);
  }

  /** A new place in the history. */
  private visit(view: View): void {
    if (!this.library) return;
    this.page.activate();
    this.leave();
    this.view = view;
    this.top = PAGE;
    history.pushState({ scroll: 0, top: PAGE }, "", addressOf(view));
    this.fill();
    this.selected.close();
    document.body.classList.remove("with-selected");
    scrollTo(0, 0);
    void this.ask();
  }

  private async back(): Promise<void> {
    this.view = viewOf(new URL(location.href));
    this.top = placeOf(history.state).top;
    this.fill();
    await this.ask();
    await this.restore();
  }

  /** What the address says besides the query: the clip, its time, and where the list was. */
  private async restore(): Promise<void> {
    const { selected, beside, time } = this.view;
    if (!selected) {
      this.closePanel();
    } else if (selected !== this.selected.id) {
      const hit = this.hitOf(selected) ?? (await this.hitAlone(selected));
      if (hit) await this.showSelected(hit, time);
      await this.putBeside(beside, false);
    }
    scrollTo(0, placeOf(history.state).scroll);
  }

  private fill(): void {
    const { query } = this.view;
    byId<HTMLInputElement>("query").value = query.text;
    byId<HTMLInputElement>("where").value = query.where;
    byId<HTMLInputElement>("without").value = query.without;
    byId<HTMLSelectElement>("sort").value = query.sort;
    byId<HTMLDetailsElement>("more").open = Boolean(query.where || query.without || query.sort !== "score");
    this.dial.show(query.order);
    this.like.show(query);
  }

  /** Asks what the reader wants to know; an older question's answer is dropped. */
  private async ask(): Promise<void> {
    const { query } = this.view;
    this.running?.abort();
    if (!asks(query)) {
      this.answered = null;
      byId("order").hidden = true;
      this.welcome();
      return;
    }
    if (this.answered && sameQuery(this.answered.query, query) && this.answered.top >= this.top) {
      if (!document.querySelector("#results .card[data-id]")) this.show(this.answered.result);
      return;
    }
    const mine = (this.running = new AbortController());
    byId("found").setAttribute("aria-busy", "true");
    this.results.wait();
    try {
      const result = await api.search(query, this.top, mine.signal);
      if (mine !== this.running) return;
      this.answered = { query, top: this.top, result };
      this.show(result);
    } catch (error) {
      if (mine === this.running) this.trouble(error);
    } finally {
      if (mine === this.running) byId("found").removeAttribute("aria-busy");
    }
  }

  private show(result: Result): void {
    byId("order").hidden = result.events.length === 0 || this.view.query.like !== null;
    document.body.classList.toggle("one-event", result.events.length < 2);
    this.chips.show(result.events);
    byId("status").textContent = statusOf(result);
    if (result.hits.length === 0) {
      const widen = (): void => this.visit({ ...this.view, query: { ...this.view.query, where: "" } });
      this.results.say(...nothingLeft(this.view.query, { widen }));
      return;
    }
    const whole = result.hits.length >= result.total || result.hits.length < this.top;
    this.results.show(result, whole || this.top >= MOST ? null : () => this.more());
    this.results.mark(this.selected.id);
  }

  private async more(): Promise<void> {
    const scroll = scrollY;
    this.top += PAGE;
    await this.ask();
    scrollTo(0, scroll);
  }

  private welcome(): void {
    byId("status").textContent = "";
    void this.showNewest();
    const pick = (text: string): void => this.visit({ ...this.view, query: { ...EMPTY, text } });
    this.results.say(...welcome(this.library?.examples ?? [], this.adding.possible.length > 0, pick));
  }

  /** People who move, from the start: the newest clips, under the words of welcome. */
  private async showNewest(): Promise<void> {
    const newest: Query = { ...EMPTY, sort: "date" };
    try {
      const result = await api.search(newest, 8, new AbortController().signal);
      if (!asks(this.view.query)) this.results.add(result.hits, "Newest in this library");
    } catch {
      // The words of welcome are enough.
    }
  }

  trouble(error: unknown): void {
    if (error instanceof DOMException && error.name === "AbortError") return;
    const problem = error instanceof api.Problem ? error : null;
    byId("found").removeAttribute("aria-busy");
    byId("status").textContent = "";
    if (problem?.status === 401) {
      this.askForToken();
      return;
    }
    byId("order").hidden = true; // its events are those of an older answer
    this.results.say(...trouble(problem, error, () => (this.library ? void this.ask() : this.page.restart())));
  }

  private askForToken(): void {
    this.results.say(
      ...tokenForm(api.hasToken(), (token) => {
        api.setToken(token);
        this.page.restart();
      }),
    );
    byId("token").focus();
  }

  searchLike(id: string, name: string, part: [number, number] | null): void {
    const like = { id, name, start: part?.[0] ?? null, end: part?.[1] ?? null };
    this.visit({ query: { ...EMPTY, where: this.view.query.where, like }, selected: null, beside: null, time: 0 });
  }

  private hitOf(id: string): Hit | null {
    return this.results.card(id)?.hit ?? this.answered?.result.hits.find((hit) => hit.clip.id === id) ?? null;
  }

  private async hitAlone(id: string): Promise<Hit | null> {
    try {
      const { query } = this.view;
      const told = !query.like && (query.text.trim() || query.events?.length);
      const [clip, events] = await Promise.all([api.clip(id), told ? api.events(id, query) : []]);
      return { clip, score: null, best: [0, clip.duration], events, order_margin: null, good: true, duplicates: [] };
    } catch (error) {
      this.trouble(error);
      return null;
    }
  }

  private async openAlone(id: string): Promise<void> {
    const hit = this.hitOf(id) ?? (await this.hitAlone(id));
    if (hit) this.openHit(hit, 0);
  }

  /** There is another clip. A list that is being read stays as it is until it is asked for anew. */
  private async libraryChanged(): Promise<void> {
    if (this.answered) this.answered.top = 0;
    try {
      this.library = await api.library();
    } catch {
      return; // whatever is asked next says so
    }
    byId("facts").textContent = factsOf(this.library);
    if (!asks(this.view.query)) this.welcome();
  }

  private openHit(hit: Hit, time: number): void {
    this.leave();
    this.view = { ...this.view, selected: hit.clip.id, beside: null, time };
    history.pushState({ scroll: scrollY, top: this.top }, "", addressOf(this.view));
    void this.showSelected(hit, time);
    byId("selected").querySelector("h2")?.focus({ preventScroll: true });
    announce(`${hit.clip.name} is open`);
  }

  private async showSelected(hit: Hit, time: number): Promise<void> {
    document.body.classList.add("with-selected");
    this.results.mark(hit.clip.id);
    await this.selected.open(hit, this.view.query, time, this.answered?.result.hits ?? []);
  }

  /** Shows another clip beside the selected one; null: none. */
  private async putBeside(id: string | null, noted = true): Promise<void> {
    const other = id ? (this.hitOf(id) ?? (await this.hitAlone(id))) : null;
    await this.selected.compare(other);
    if (!noted) return;
    this.view.beside = other?.clip.id ?? null;
    history.replaceState(history.state, "", addressOf(this.view));
    announce(other ? `${other.clip.name} is beside it, at the same events` : "One clip alone");
  }

  private closeSelected(): void {
    const id = this.selected.id;
    this.view = { ...this.view, selected: null, beside: null, time: 0 };
    history.pushState({ scroll: scrollY, top: this.top }, "", addressOf(this.view));
    this.closePanel();
    if (id) this.results.card(id)?.element.querySelector<HTMLElement>(".open")?.focus();
  }

  private closePanel(): void {
    this.selected.close();
    this.results.mark(null);
    document.body.classList.remove("with-selected");
  }

  private remembered = 0;

  /** The time goes into the address now and then, without a new place in the history. */
  private rememberTime(time: number): void {
    this.view.time = time;
    const now = performance.now();
    if (now - this.remembered < 700) return;
    this.remembered = now;
    history.replaceState(history.state, "", addressOf(this.view));
  }
}

/** Where a list was left: how far down, and how many clips it had. */
function placeOf(state: unknown): { scroll: number; top: number } {
  const { scroll = 0, top = PAGE } = (state ?? {}) as { scroll?: number; top?: number };
  return { scroll, top };
}

/** Making motions from text: a sentence, how long each event lasts, and variants side by side. */

import * as api from "./api";
import { Chips } from "./chips";
import { addSource } from "./clips";
import { announce, byId, h } from "./dom";
import * as generating from "./generating";
import type { Generation, Generator, Plan } from "./generating";
import type { KeyActions } from "./keys";
import { Lengths } from "./lengths";
import { Made } from "./made";
import { addressOfWish, wishOf } from "./make_state";
import type { MakeView } from "./make_state";
import type { Stage } from "./stage";
import { makeWelcome, trouble } from "./words";

const PAUSE = 300; // milliseconds without a key before a plan is asked for
const LOOK = { first: 200, most: 1500 }; // milliseconds between two looks at what is being made

export interface MakeActions {
  still(): boolean;
  /** Searches with a motion that was made; null where there is no library. */
  like: ((id: string, name: string) => void) | null;
  /** The service asks for a token. */
  locked(error: unknown): void;
}

export class Make {
  private view: MakeView = wishOf(new URL(location.href));
  private plan: Plan | null = null;
  /** Lengths that the reader has set, by event: they stay with it wherever it goes. */
  private own = new Map<string, number>();
  private asking: AbortController | null = null;
  private timer = 0;
  /** Whether the sentence has changed since its plan was asked for. */
  private stale = false;
  private following: string | null = null;
  private readonly made: Made;
  private readonly field = byId<HTMLInputElement>("wish");
  private readonly chips = new Chips(byId<HTMLOListElement>("made-chips"), (events) => this.arrange(events));
  private readonly lengths = new Lengths(byId("lengths"), (seconds) => this.lengthen(seconds));

  /** What the keys do here. */
  readonly keys: KeyActions;

  constructor(
    private readonly generator: Generator,
    stage: Stage,
    private readonly actions: MakeActions,
  ) {
    addSource("made-", generating.framesOfVariant);
    this.made = new Made(stage, generator.fps, actions);
    this.keys = {
      field: () => this.field,
      enter: () => void this.make(),
      close: () => this.made.close(),
      toggle: () => this.made.toggle(),
      step: (by) => this.made.step(by),
    };
    this.listen();
  }

  /** Shows what the address says. */
  async open(): Promise<void> {
    byId("facts").textContent = `${this.generator.name} makes motions of up to ${this.generator.seconds_limit} s`;
    document.title = "Make a motion · Chronomotion";
    this.view = wishOf(new URL(location.href));
    this.fill();
    const own = this.view.seconds;
    await this.ask(own);
    if (this.view.made && this.view.made !== this.following) void this.follow(this.view.made);
    else if (!this.view.made && !this.following) this.made.say(...makeWelcome((text) => this.pick(text)));
  }

  leaveTab(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.following = null;
    this.made.clear();
  }

  private listen(): void {
    byId("wish-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.make();
    });
    this.field.addEventListener("input", () => {
      this.change({ text: this.field.value, events: null });
      clearTimeout(this.timer);
      this.stale = true;
      this.timer = window.setTimeout(() => void this.ask(), PAUSE);
    });
    byId("predicted").addEventListener("click", () => {
      this.own.clear();
      void this.ask();
      announce("The lengths are the predicted ones");
    });
    for (const name of ["seed", "count", "guidance", "temperature"] as const) {
      const field = byId<HTMLInputElement>(name);
      field.addEventListener("change", () => {
        const value = field.value.trim() === "" ? null : Number(field.value);
        this.change(name === "seed" || name === "count" ? { [name]: value ?? 1 } : { [name]: value });
      });
    }
    byId("stop").addEventListener("click", () => void this.stop());
  }

  private pick(text: string): void {
    this.change({ text, events: null });
    this.fill();
    void this.ask();
    this.field.focus();
  }

  private change(change: Partial<MakeView>): void {
    this.view = { ...this.view, ...change };
    history.replaceState(history.state, "", addressOfWish(this.view));
  }

  private fill(): void {
    const { text, seed, count, guidance, temperature } = this.view;
    this.field.value = text;
    byId<HTMLInputElement>("seed").value = String(seed);
    byId<HTMLSelectElement>("count").value = String(count);
    byId<HTMLInputElement>("guidance").value = guidance === null ? "" : String(guidance);
    byId<HTMLInputElement>("temperature").value = temperature === null ? "" : String(temperature);
  }

  /** Events were edited, added, removed or moved. */
  private arrange(events: string[]): void {
    const text = events.join(", then ");
    this.field.value = text;
    this.change({ text, events: events.length ? events : null });
    void this.ask();
  }

  /** The reader has moved the end of an event. */
  private lengthen(seconds: number[]): void {
    const before = this.secondsNow();
    for (const [place, value] of seconds.entries()) if (value !== before?.[place]) this.own.set(this.keyOf(place), value);
    this.change({ seconds });
    this.tellTotal(seconds);
  }

  private keyOf(place: number): string {
    return this.plan?.events[place] ?? "";
  }

  private secondsNow(): number[] | null {
    const { plan } = this;
    return plan?.seconds?.map((predicted, place) => this.own.get(this.keyOf(place)) ?? predicted) ?? null;
  }

  /** Asks for the events of the sentence and how long each lasts; `own` are lengths that the address has. */
  private async ask(own: number[] | null = null): Promise<void> {
    const { text, events } = this.view;
    this.asking?.abort();
    this.stale = false;
    if (!text.trim() && !events?.length) {
      this.plan = null;
      this.showPlan();
      return;
    }
    const mine = (this.asking = new AbortController());
    try {
      const plan = await generating.plan(text.trim(), events, mine.signal);
      if (mine !== this.asking) return;
      this.plan = plan;
      if (own && own.length === plan.events.length) for (const [place, value] of own.entries()) this.own.set(this.keyOf(place), value);
      this.showPlan();
    } catch (error) {
      if (mine !== this.asking || (error instanceof DOMException && error.name === "AbortError")) return;
      this.plan = null;
      this.showPlan(error instanceof Error ? error.message : String(error));
      if (error instanceof api.Problem && error.status === 401) this.actions.locked(error);
    }
  }

  private showPlan(problem = ""): void {
    const { plan } = this;
    const seconds = this.secondsNow();
    byId("plan").hidden = plan === null;
    byId("plan-trouble").textContent = problem;
    if (plan) {
      this.chips.show(plan.events);
      byId("lengths").hidden = seconds === null;
      if (seconds) this.lengths.show(plan.events, seconds, this.generator.seconds_limit);
    }
    const isOwn = plan !== null && plan.events.some((event) => this.own.has(event));
    this.change({ seconds: isOwn ? seconds : null });
    this.tellTotal(seconds);
  }

  private tellTotal(seconds: number[] | null): void {
    const { seconds_limit: limit, events_limit: most } = this.generator;
    const total = seconds?.reduce((sum, each) => sum + each, 0) ?? 0;
    const events = this.plan?.events.length ?? 0;
    const tooLong = total > limit + 1e-6;
    const tooMany = events > most;
    byId("total").textContent = tooMany
      ? `${events} events are too many: this generator takes ${most}`
      : seconds === null
        ? "This generator finds the end of each event itself"
        : `${total.toFixed(1)} s in all${tooLong ? `: too long, this generator makes ${limit} s` : ""}`;
    byId("total").classList.toggle("trouble", tooLong || tooMany);
    byId("predicted").hidden = !this.plan?.events.some((event) => this.own.has(event));
    byId<HTMLButtonElement>("make-it").disabled = this.plan === null || tooLong || tooMany;
  }

  private async make(): Promise<void> {
    clearTimeout(this.timer);
    if (this.stale || byId<HTMLButtonElement>("make-it").disabled) await this.ask();
    if (!this.plan || byId<HTMLButtonElement>("make-it").disabled) return;
    const { seed, count, guidance, temperature, text } = this.view;
    const wish = { text: text.trim(), events: this.plan.events, seconds: this.view.seconds, seed, count, guidance, temperature };
    this.working(`Asking for ${count} ${count === 1 ? "motion" : "motions"} …`, 0, count);
    this.made.wait(count);
    const before = this.following;
    if (before) void generating.cancel(before).catch(() => undefined); // nobody looks at it any more
    try {
      const id = await generating.generate(wish);
      this.view.made = id;
      history.pushState({ scroll: 0 }, "", addressOfWish(this.view));
      await this.follow(id);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Shows what is made as it comes, until all is there. */
  private async follow(id: string): Promise<void> {
    this.following = id;
    let pause = LOOK.first;
    try {
      for (;;) {
        const now = await generating.generation(id);
        if (this.following !== id) return;
        this.show(id, now);
        if (now.state === "done" || now.state === "failed") break;
        await new Promise((resolve) => setTimeout(resolve, pause));
        pause = Math.min(LOOK.most, 1.2 * pause);
      }
    } catch (error) {
      if (this.following !== id) return;
      this.following = null;
      if (error instanceof api.Problem && error.status === 404) this.forgotten();
      else this.fail(error);
    }
  }

  private show(id: string, now: Generation): void {
    this.made.show(id, now);
    if (now.state === "done") {
      this.idle();
      byId("made-status").textContent = this.made.summary(now);
      announce(`${now.of} ${now.of === 1 ? "motion is" : "motions are"} made`);
      this.following = null;
    } else if (now.state === "failed") {
      this.following = null;
      this.fail(new Error(now.problem ?? "nobody knows why"), now.results.length > 0);
    } else {
      this.working(now.state === "waiting" ? "Others are being made first …" : `${now.done} of ${now.of} made`, now.done, now.of);
    }
  }

  private async stop(): Promise<void> {
    const id = this.following;
    this.following = null;
    this.idle();
    this.made.say(h("h2", {}, "Stopped"), h("p", {}, "Nothing is being made."));
    this.change({ made: null });
    announce("Stopped");
    if (id) await generating.cancel(id).catch(() => undefined);
  }

  /** What was made is kept by the service for a while only. */
  private forgotten(): void {
    this.idle();
    this.change({ made: null });
    this.made.say(h("h2", {}, "These motions are no longer there"), h("p", {}, "Made motions are kept for an hour. The same seed makes the same ones again."), this.again());
  }

  private fail(error: unknown, keeps = false): void {
    this.idle();
    if (error instanceof api.Problem && error.status === 401) {
      this.actions.locked(error);
      return;
    }
    if (keeps) {
      byId("made-status").textContent = `The others could not be made: ${error instanceof Error ? error.message : String(error)}`;
      this.made.wait(0);
      return;
    }
    const problem = error instanceof api.Problem ? error : null;
    this.made.say(...trouble(problem, error instanceof Error ? error.message : error, () => void this.make()));
    announce("No motion was made");
  }

  private again(): HTMLElement {
    return h("button", { type: "button", click: () => void this.make() }, "Make them again");
  }

  private working(words: string, done: number, of: number): void {
    byId("made-status").textContent = words;
    byId("making").hidden = false;
    const progress = byId<HTMLProgressElement>("made-progress");
    progress.max = Math.max(1, of);
    if (done) progress.value = done;
    else progress.removeAttribute("value"); // it moves, and promises nothing
  }

  private idle(): void {
    byId("making").hidden = true;
    byId("made-status").textContent = "";
  }
}

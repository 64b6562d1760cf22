/** Files that are added to a library: each in a line with what becomes of it. */

import * as api from "./api";
import type { Addition } from "./api";
import { announce, byId, h } from "./dom";
import { report } from "./sent";

const PAUSE = { first: 300, most: 2000 }; // milliseconds between two looks at an addition
const TRIES = 5; // looks without an answer in a row

export interface AddingActions {
  /** A library has another clip now. */
  changed(): void;
  show(clip: string): void;
  like(clip: string, name: string): void;
}

export class Adding {
  private readonly home = byId("adding");
  private readonly input = byId<HTMLInputElement>("added");
  private readonly choice = byId<HTMLSelectElement>("library");
  private libraries: string[] = [];
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly actions: AddingActions) {
    byId("add").addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => {
      this.add([...(this.input.files ?? [])]);
      this.input.value = "";
    });
  }

  /** The libraries to which files can be added. */
  allow(libraries: string[]): void {
    this.libraries = libraries;
    byId("add").hidden = libraries.length === 0;
    this.choice.hidden = libraries.length < 2;
    this.choice.replaceChildren(...libraries.map((name) => h("option", { value: name }, `to ${name}`)));
  }

  get possible(): string[] {
    return this.libraries;
  }

  /** Adds files, one after the other, to a library or to the one that is chosen. */
  add(files: File[], library = this.choice.value): void {
    for (const file of files) {
      const row = new Row(file.name, (element) => this.home.append(element));
      this.home.hidden = false;
      this.queue(file, library, row);
    }
  }

  private queue(file: File, library: string, row: Row): void {
    row.busy("waits for the files before it");
    const job = this.sending.then(() => this.send(file, library, row));
    this.sending = job.then(() => undefined);
  }

  /** Resolves when the next file can be sent. */
  private async send(file: File, library: string, row: Row): Promise<void> {
    row.busy("is being read");
    try {
      const addition = await api.add(file, library);
      row.tell(addition);
      void this.follow(addition, row, () => this.queue(file, library, row));
    } catch (error) {
      const hopeless = error instanceof api.Problem && [403, 413, 415, 422].includes(error.status);
      row.fail(wordsOf(error), hopeless ? null : () => this.queue(file, library, row));
    }
  }

  /** Looks what becomes of it until that is known. */
  private async follow(addition: Addition, row: Row, again: () => void): Promise<void> {
    let pause = PAUSE.first;
    for (let missed = 0; addition.state === "waiting" || addition.state === "working"; pause = Math.min(PAUSE.most, 1.3 * pause)) {
      row.busy(addition.state === "waiting" ? "is read, and waits for other files" : `is being added to ${addition.library}`);
      await new Promise((resolve) => setTimeout(resolve, pause));
      try {
        addition = await api.addition(addition.id);
        missed = 0;
      } catch (error) {
        missed += 1;
        if (missed < TRIES) continue;
        row.fail(wordsOf(error), again);
        return;
      }
    }
    const { clip, clip_name: name } = addition;
    if (clip === null || name === null) {
      row.fail(addition.problem ?? "nobody knows why", again);
      return;
    }
    row.done(addition.is_new ? `is in ${addition.library} now, as ${name}` : `was in ${addition.library} already, as ${name}`, [
      h("button", { type: "button", click: () => this.actions.show(clip) }, "Show it"),
      h("button", { type: "button", click: () => this.actions.like(clip, name) }, "Motions like it"),
    ]);
    if (addition.is_new) this.actions.changed();
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A file and what becomes of it. */
class Row {
  private readonly words = h("span", { role: "status" });
  private readonly progress = h("progress", {});
  private readonly deeds = h("span", { class: "deeds" });
  private readonly about = h("details", { hidden: true }, h("summary", {}, "How it was read"));
  private readonly element: HTMLElement;

  constructor(
    private readonly name: string,
    place: (element: HTMLElement) => void,
  ) {
    this.progress.setAttribute("aria-label", `${name} is being added`);
    this.element = h("li", { class: "adding" }, h("p", {}, h("strong", {}, name), " ", this.words, this.progress, this.deeds), this.about);
    place(this.element);
  }

  busy(words: string): void {
    this.set(words, "busy");
  }

  /** How the file was read; doubts are shown at once. */
  tell(addition: Addition): void {
    this.about.replaceChildren(this.about.firstChild as Node, ...report(addition));
    this.about.hidden = false;
    this.about.open = addition.notes.length > 0;
  }

  done(words: string, deeds: HTMLElement[]): void {
    this.set(words, "done", ...deeds, this.dismiss());
    announce(`${this.name} ${words}`);
  }

  /** Says why it failed; `again` tries once more where that could help. */
  fail(reason: string, again: (() => void) | null): void {
    const retry = again ? [h("button", { type: "button", click: again }, "Try again")] : [];
    this.set(`was not added: ${reason}`, "failed", ...retry, this.dismiss());
    announce(`${this.name} was not added`);
  }

  private set(words: string, state: string, ...deeds: HTMLElement[]): void {
    this.words.textContent = words;
    this.progress.hidden = state !== "busy";
    this.element.dataset["state"] = state;
    this.deeds.replaceChildren(...deeds);
  }

  private dismiss(): HTMLElement {
    return h("button", { type: "button", class: "dismiss", "aria-label": `Forget the line about ${this.name}`, click: () => this.element.remove() }, "×");
  }
}

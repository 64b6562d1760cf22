/** The motion that is the query: a clip, a part of one, or a file that was sent, with the reader's report on it. */

import type { Query, Upload } from "./api";
import { byId, h, seconds } from "./dom";

export interface LikeActions {
  words(): void;
  mayAdd(): boolean;
  add(file: File): void;
}

export class LikeBanner {
  private readonly uploads = new Map<string, { upload: Upload; file: File }>();
  private readonly home = byId("like");

  constructor(private readonly actions: LikeActions) {}

  /** Keeps a file and what its reader said, for as long as the page is open. */
  keep(upload: Upload, file: File): void {
    this.uploads.set(upload.id, { upload, file });
  }

  show({ like }: Query): void {
    this.home.hidden = like === null;
    if (!like) return;
    const part = like.start === null || like.end === null ? "" : `, ${like.start.toFixed(1)} to ${seconds(like.end)}`;
    const sent = this.uploads.get(like.id);
    const add = sent && this.actions.mayAdd() ? sent.file : null;
    this.home.replaceChildren(
      h("strong", {}, `Motions like ${like.name}${part}`),
      ...(sent ? report(sent.upload) : []),
      h(
        "div",
        { class: "controls" },
        add && h("button", { type: "button", class: "add-it", click: () => this.actions.add(add) }, "Add it to the library"),
        h("button", { type: "button", click: () => this.actions.words() }, "Search with words"),
      ),
    );
  }
}

const SAID: Record<string, string> = {
  file: "the file says so",
  format: "usual for the format",
  skeleton: "by the size of the skeleton",
  body: "by how the body stands",
  caller: "given",
  folder: "by the files beside it",
};

/** How a file was read, and what is in doubt. */
export function report(upload: Pick<Upload, "duration" | "reading" | "notes">): HTMLElement[] {
  const { format, rig, frames, fps, fps_from, unit, unit_from, up, up_from } = upload.reading;
  const from = (source: string): string => SAID[source] ?? source;
  const facts = [
    `${seconds(upload.duration)}, read as ${format}, skeleton ${rig}`,
    `${frames} frames at ${Number(fps.toFixed(2))} a second (${from(fps_from)})`,
    `unit ${unit} (${from(unit_from)})`,
    `${up} up (${from(up_from)})`,
  ];
  const doubts = upload.notes.map((note) => h("li", { class: "doubt" }, note));
  return [h("p", {}, `${facts.join("; ")}.`), ...(doubts.length ? [h("p", {}, "In doubt:"), h("ul", {}, ...doubts)] : [])];
}

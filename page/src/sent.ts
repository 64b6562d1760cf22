/** The motion that is the query: a clip, a part of one, or a file that was sent, with the reader's report on it. */

import type { Query, Upload } from "./api";
import { byId, h, seconds } from "./dom";

export class LikeBanner {
  private readonly uploads = new Map<string, Upload>();
  private readonly home = byId("like");

  constructor(private readonly words: () => void) {}

  /** Keeps what the reader of files said, for as long as the page is open. */
  keep(upload: Upload): void {
    this.uploads.set(upload.id, upload);
  }

  show({ like }: Query): void {
    this.home.hidden = like === null;
    if (!like) return;
    const part = like.start === null || like.end === null ? "" : `, ${like.start.toFixed(1)} to ${seconds(like.end)}`;
    const upload = this.uploads.get(like.id);
    this.home.replaceChildren(
      h("strong", {}, `Motions like ${like.name}${part}`),
      ...(upload ? report(upload) : []),
      h("button", { type: "button", click: this.words }, "Search with words"),
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

function report(upload: Upload): HTMLElement[] {
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

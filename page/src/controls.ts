/** What can be done with the selected clip, and what is known about it. */

import * as api from "./api";
import type { Clip, Hit, Query } from "./api";
import type { Part } from "./bar";
import { announce, h, seconds } from "./dom";
import type { PartMark } from "./selected";
import { whyThisOrder } from "./why";

const SPEEDS = [0.25, 0.5, 1, 2];

export interface Playing {
  toggle(): void;
  speed(value: number): void;
  follow(on: boolean): void;
  bones(on: boolean): void;
}

/** Play, speed, camera. */
export function playControls(name: string, follows: boolean, playing: Playing): HTMLElement {
  const tick = (label: string, checked: boolean, change: (on: boolean) => void): HTMLElement => {
    const input = h("input", { type: "checkbox", checked, change: () => change(input.checked) });
    return h("label", {}, input, label);
  };
  const speed = h(
    "select",
    { change: () => playing.speed(Number(speed.value)) },
    ...SPEEDS.map((value) => h("option", { value, selected: value === 1 }, `${value} ×`)),
  );
  return h(
    "div",
    { class: "controls" },
    h("button", { type: "button", class: "play", click: () => playing.toggle(), "aria-label": `Play or pause ${name}` }, "▶"),
    h("label", {}, "Speed ", speed),
    tick("Follow the person", follows, (on) => playing.follow(on)),
    tick("Bones", false, (on) => playing.bones(on)),
  );
}

interface Deeds {
  like(): void;
  likePart(): void;
  unmark(): void;
  compare(id: string): void;
}

/** More like it, a part of it, the file, another clip beside it. */
function deedControls(clip: Clip, others: Hit[], deeds: Deeds): HTMLElement {
  const note = h("span", { class: "trouble", role: "alert" });
  const download = (): void => {
    note.textContent = "";
    api.download(clip.id, clip.name).catch((error: Error) => (note.textContent = error.message));
  };
  const compare = h(
    "select",
    { class: "compare", change: () => deeds.compare(compare.value) },
    h("option", { value: "" }, "nothing"),
    ...others.filter((other) => other.clip.id !== clip.id).map((other) => h("option", { value: other.clip.id }, other.clip.name)),
  );
  const button = (words: string, click: () => void, more: Record<string, string | boolean> = {}): HTMLElement =>
    h("button", { type: "button", click, ...more }, words);
  return h(
    "div",
    { class: "controls" },
    button("More like this", () => deeds.like()),
    button("More like the marked part", () => deeds.likePart(), { class: "like-part", hidden: true }),
    button("Whole clip", () => deeds.unmark(), { class: "unmark", hidden: true }),
    button("Download BVH", download),
    h("label", {}, "Beside it ", compare),
    note,
  );
}

export interface ClipActions {
  like(id: string, name: string, part: Part | null): void;
  /** Another clip is to be shown beside it, or none. */
  beside(id: string | null): void;
}

/** All that stands below a clip of the library. */
export function belowClip(hit: Hit, query: Query, others: Hit[], mark: PartMark, actions: ClipActions): HTMLElement[] {
  const { clip } = hit;
  const deeds = deedControls(clip, others, {
    like: () => actions.like(clip.id, clip.name, null),
    likePart: () => actions.like(clip.id, clip.name, mark.part()),
    unmark: () => mark.unmark(),
    compare: (id) => actions.beside(id || null),
  });
  return [deeds, whyThisOrder(hit, query), factsOf(clip)];
}

/** Where the clip comes from and what is written about it. */
function factsOf(clip: Clip): HTMLElement {
  const row = (name: string, ...value: (Node | string)[]): Node[] => [h("dt", {}, name), h("dd", {}, ...value)];
  const path = `${clip.source}/${clip.file}`;
  const code = h("code", {}, path);
  const copy = h("button", { type: "button", class: "copy", "aria-label": `Copy the path ${path}`, click: () => void copyText(code, copy) }, "Copy");
  return h(
    "dl",
    { class: "facts" },
    ...row("File", code, " ", copy),
    ...row("Length", `${seconds(clip.duration)}, ${clip.frames} frames`),
    ...row("Changed", new Date(clip.date * 1000).toLocaleDateString()),
    ...clip.captions.slice(0, 3).flatMap((caption) => row("Caption", caption)),
    ...(clip.labels.length ? row("Labels", clip.labels.join(", ")) : []),
  );
}

/** To the clipboard; where the browser does not allow it, the text is marked so that the reader can copy it. */
async function copyText(code: HTMLElement, button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    button.textContent = "Copied";
    announce("The path is copied");
    setTimeout(() => (button.textContent = "Copy"), 2000);
  } catch {
    getSelection()?.selectAllChildren(code);
    announce("The path is marked: copy it with the keyboard");
  }
}

/** When events happen: a bar of a clip with their colours, gaps between them, and a playhead to scrub with. */

import type { EventMatch } from "./api";
import { clamp, colourOf, h, plain, seconds } from "./dom";

export type Part = [number, number];

const LEAST_PART = 0.2; // seconds

export interface Bar {
  element: HTMLElement;
  /** Moves the playhead. */
  at(time: number): void;
  /** The part that the reader has marked, if any. */
  part(): Part | null;
  mark(part: Part | null): void;
}

export function eventBar(
  name: string,
  duration: number,
  events: EventMatch[],
  seek: (time: number) => void,
  range: ((part: Part | null) => void) | null = null,
): Bar {
  const head = h("span", { class: "playhead" });
  const marked = h("span", { class: "marked", hidden: true });
  const element = h(
    "div",
    {
      class: "bar",
      role: "slider",
      tabindex: 0,
      "aria-label": `Time in ${name}`,
      "aria-valuemin": 0,
      "aria-valuemax": duration.toFixed(1),
      "aria-valuenow": 0,
    },
    ...events.map((event, place) => segment(event, place, duration)),
    marked,
    head,
  );
  let now = 0;
  let part: Part | null = null;
  const share = (time: number): string => `${(100 * time) / Math.max(duration, 0.01)}%`;
  const at = (time: number): void => {
    now = time;
    head.style.left = share(time);
    element.setAttribute("aria-valuenow", time.toFixed(1));
    element.setAttribute("aria-valuetext", valueText(time, events));
  };
  const timeOf = (event: PointerEvent): number => {
    const box = element.getBoundingClientRect();
    return clamp(((event.clientX - box.left) / Math.max(1, box.width)) * duration, 0, duration);
  };
  const mark = (value: Part | null): void => {
    part = value;
    marked.hidden = value === null;
    if (value) {
      marked.style.left = share(value[0]);
      marked.style.width = share(value[1] - value[0]);
    }
    range?.(value);
  };
  const stretch = (from: number, to: number): void => {
    if (Math.abs(to - from) >= LEAST_PART) mark([Math.min(from, to), Math.max(from, to)]);
  };
  let anchor: number | null = null; // where a part that is marked with keys begins
  element.addEventListener("blur", () => (anchor = null));
  element.addEventListener("pointerdown", (event) => {
    anchor = null;
    if (event.button !== 0) return;
    event.stopPropagation();
    element.setPointerCapture(event.pointerId);
    const start = timeOf(event);
    const whole = range !== null && event.shiftKey;
    seek(start);
    if (range && !whole) mark(null);
    const move = (moved: PointerEvent): void => {
      const time = timeOf(moved);
      seek(time);
      if (whole) stretch(start, time);
    };
    element.addEventListener("pointermove", move);
    const end = (): void => element.removeEventListener("pointermove", move);
    element.addEventListener("pointerup", end, { once: true });
    element.addEventListener("pointercancel", end, { once: true });
  });
  element.addEventListener("click", (event) => event.stopPropagation());
  element.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.1, ArrowRight: 0.1, PageDown: -1, PageUp: 1, Home: -duration, End: duration }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const from = (anchor = range && event.shiftKey ? (anchor ?? now) : null);
    const to = clamp(now + step, 0, duration);
    if (from === null && range && part) mark(null);
    seek(to);
    if (from !== null) stretch(from, to);
  });
  at(0);
  return { element, at, part: () => part, mark };
}

function segment(event: EventMatch, place: number, duration: number): HTMLElement | null {
  if (!event.span) return null;
  const [start, end] = event.span;
  const element = h("span", {
    class: `segment ${colourOf(place)} ${event.found ? "" : "missing"}`,
    title: `${plain(event.text)}: ${start.toFixed(1)} to ${seconds(end)}${event.found ? "" : ", probably not"}`,
  });
  element.style.left = `${(100 * start) / Math.max(duration, 0.01)}%`;
  element.style.width = `${(100 * (end - start)) / Math.max(duration, 0.01)}%`;
  return element;
}

function valueText(time: number, events: EventMatch[]): string {
  const running = events.find((event) => event.span && event.found && event.span[0] <= time && time < event.span[1]);
  return running ? `${seconds(time)}: ${plain(running.text)}` : seconds(time);
}

/** The events as words with their times; hollow where one is probably not there. */
export function legend(events: EventMatch[], pick: ((place: number) => void) | null = null): HTMLElement {
  return h(
    "ul",
    { class: "legend" },
    ...events.map((event, place) => {
      const times = event.span ? `${event.span[0].toFixed(1)}–${event.span[1].toFixed(1)} s` : "no room";
      const dot = h("span", { class: `dot ${colourOf(place)} ${event.found ? "" : "missing"}`, "aria-hidden": "true" });
      const words = [dot, h("span", {}, plain(event.text)), h("span", { class: "times" }, event.found ? times : "not found")];
      if (!pick || !event.span) return h("li", { class: event.found ? "" : "missing" }, ...words);
      return h("li", {}, h("button", { type: "button", "aria-pressed": "false", title: "Play it again and again", click: () => pick(place) }, ...words));
    }),
  );
}

/** Frames of clips, fetched once and kept for the last ones. */

import * as api from "./api";
import type { EventMatch, Frames } from "./api";

const KEPT = 80;
/** Where frames of some ids come from, which are no clips. */
const sources = new Map<string, (id: string) => Promise<Frames>>();
const kept = new Map<string, Promise<Frames>>();

export function framesOf(id: string): Promise<Frames> {
  let frames = kept.get(id);
  if (frames) kept.delete(id); // to the end: it was used last
  else {
    frames = sourceOf(id)(id);
    frames.catch(() => kept.delete(id));
  }
  kept.set(id, frames);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value as string);
  return frames;
}

export function addSource(prefix: string, fetched: (id: string) => Promise<Frames>): void {
  sources.set(prefix, fetched);
}

function sourceOf(id: string): (id: string) => Promise<Frames> {
  for (const [prefix, fetched] of sources) if (id.startsWith(prefix)) return fetched;
  return api.frames;
}

/** The colours of events, as the style sheet has them, for what is drawn on the floor. */
export function pathColour(events: EventMatch[]): (time: number) => string {
  const style = getComputedStyle(document.documentElement);
  const colours = events.map((_, place) => style.getPropertyValue(`--event-${place % 8}`).trim() || "#888888");
  return (time) => {
    const place = events.findIndex((e) => e.found && e.span && e.span[0] <= time && time < e.span[1]);
    return place < 0 ? "#8a94a0" : colours[place];
  };
}

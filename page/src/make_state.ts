/** What is to be made, as an address, and back. */

import type { Wish } from "./generating";

export interface MakeView extends Wish {
  /** The id of what was made of it, for as long as the service keeps it. */
  made: string | null;
}

const MOST = { count: 8, seed: 2 ** 32 - 1 };

export function isMaking(address: URL): boolean {
  return address.searchParams.has("make");
}

export function wishOf(address: URL): MakeView {
  const { searchParams } = address;
  const number = (name: string): number | null => {
    const text = searchParams.get(name) ?? "";
    return text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text);
  };
  const whole = (name: "count" | "seed", usual: number, least: number): number =>
    Math.min(MOST[name], Math.max(least, Math.round(number(name) ?? usual)));
  const events = searchParams.getAll("event");
  const seconds = (searchParams.get("seconds") ?? "").split(",").filter(Boolean).map(Number);
  return {
    text: searchParams.get("q") ?? "",
    events: events.length ? events : null,
    seconds: seconds.length && seconds.every((each) => Number.isFinite(each) && each > 0) ? seconds : null,
    seed: whole("seed", 1, 0),
    count: whole("count", 4, 1),
    guidance: number("guidance"),
    temperature: number("temperature"),
    made: searchParams.get("made"),
  };
}

export function addressOfWish(view: MakeView): string {
  const parameters = new URLSearchParams({ make: "1" });
  if (view.text) parameters.set("q", view.text);
  for (const event of view.events ?? []) parameters.append("event", event);
  if (view.seconds) parameters.set("seconds", view.seconds.map((each) => Number(each.toFixed(2))).join(","));
  if (view.seed !== 1) parameters.set("seed", String(view.seed));
  if (view.count !== 4) parameters.set("count", String(view.count));
  if (view.guidance !== null) parameters.set("guidance", String(view.guidance));
  if (view.temperature !== null) parameters.set("temperature", String(view.temperature));
  if (view.made) parameters.set("made", view.made);
  return `?${parameters}`;
}

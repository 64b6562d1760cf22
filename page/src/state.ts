/** What the reader looks at: the query, the selected clip and its time. All of it is in the address. */

import type { Query } from "./api";
import { parametersOf } from "./api";

export interface View {
  query: Query;
  selected: string | null;
  /** The second clip, beside the selected one. */
  beside: string | null;
  time: number;
}

export const EMPTY: Query = { text: "", events: null, order: 1, where: "", sort: "score", without: "", like: null };

export function viewOf(address: URL): View {
  const get = (name: string): string => address.searchParams.get(name) ?? "";
  const number = (name: string): number | null => {
    const text = address.searchParams.get(name);
    return text === null || !Number.isFinite(Number(text)) ? null : Number(text);
  };
  const events = address.searchParams.getAll("event");
  const like = get("like");
  const order = number("order") ?? 1;
  return {
    query: {
      text: get("q"),
      events: events.length ? events : null,
      order: Math.min(2, Math.max(0, order)),
      where: get("where"),
      sort: ["name", "date", "duration"].includes(get("sort")) ? get("sort") : "score",
      without: get("not"),
      like: like ? { id: like, name: get("name") || like, start: number("start"), end: number("end") } : null,
    },
    selected: get("clip") || null,
    beside: get("beside") || null,
    time: Math.max(0, number("t") ?? 0),
  };
}

export function addressOf(view: View): string {
  const parameters = parametersOf(view.query);
  if (view.query.like) parameters.set("name", view.query.like.name);
  else if (view.query.events && view.query.text) parameters.set("q", view.query.text);
  if (view.selected) {
    parameters.set("clip", view.selected);
    if (view.beside) parameters.set("beside", view.beside);
    if (view.time > 0) parameters.set("t", view.time.toFixed(1));
  }
  const text = parameters.toString();
  return text ? `?${text}` : location.pathname;
}

export function sameQuery(a: Query, b: Query): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Whether there is anything to ask; a filter alone lists what it leaves. */
export function asks(query: Query): boolean {
  return Boolean(query.text.trim() || query.events?.length || query.like || query.where || query.sort !== "score");
}

/** The generator as the page uses it. */

import { framesAt, get } from "./api";
import type { Clip, Frames, Hit } from "./api";

export interface Generator {
  name: string;
  fingerprint: string;
  seconds_limit: number;
  events_limit: number;
  fps: number;
}

export interface Plan {
  events: string[];
  /** Of each event; null where the generator finds the end as it goes. */
  seconds: number[] | null;
}

export interface Wish {
  text: string;
  /** Events in order, where the reader has put them himself; null: the service splits the text. */
  events: string[] | null;
  /** null: as the generator predicts. */
  seconds: number[] | null;
  seed: number;
  count: number;
  /** null: the generator's own. */
  guidance: number | null;
  temperature: number | null;
}

export interface Variant {
  id: string;
  seed: number;
  seconds: number;
  spans: [number, number][];
  found: boolean[] | null;
  figures: Record<string, number | null>;
}

export interface Generation {
  state: "waiting" | "working" | "done" | "failed";
  done: number;
  of: number;
  events: string[];
  results: Variant[];
  problem?: string | null;
}

export async function about(): Promise<Generator> {
  return (await get("/api/generate/about")).json();
}

export async function plan(text: string, events: string[] | null, signal: AbortSignal): Promise<Plan> {
  return (await post("/api/generate/plan", told(text, events), signal)).json();
}

/** Begins to make motions; the id under which they will be. */
export async function generate(wish: Wish): Promise<string> {
  const { text, events, guidance, temperature, ...others } = wish;
  const own = { ...(guidance === null ? {} : { guidance }), ...(temperature === null ? {} : { temperature }) };
  const answer = (await (await post("/api/generate", { ...told(text, events), ...others, ...own })).json()) as { id: string };
  return answer.id;
}

export async function generation(id: string): Promise<Generation> {
  return (await get(`/api/generate/${encodeURIComponent(id)}`)).json();
}

export async function cancel(id: string): Promise<void> {
  await get(`/api/generate/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** Where a variant is: its id is that of the generation, and its number. */
export function placeOf(variant: string): string {
  const dot = variant.lastIndexOf(".");
  return `/api/generate/${encodeURIComponent(variant.slice(0, dot))}/${encodeURIComponent(variant.slice(dot + 1))}`;
}

export async function framesOfVariant(variant: string): Promise<Frames> {
  return framesAt(`${placeOf(variant)}/frames`);
}

/** A variant in the form of a result of a search, which is how it is drawn. */
export function hitOf(variant: Variant, events: string[], fps: number, number: number): Hit {
  const { id, seconds, spans, found } = variant;
  const clip: Clip = {
    id, name: `Variant ${number + 1}`, source: "", file: "", frames: Math.round(seconds * fps), fps, duration: seconds, date: 0, captions: [], labels: [],
  };
  const matches = events.map((text, place) => ({ text, span: spans[place] ?? null, score: null, presence: null, found: found?.[place] ?? true }));
  return { clip, score: null, best: [0, seconds], events: matches, order_margin: null, good: true, duplicates: [] };
}

function told(text: string, events: string[] | null): { text: string } | { text: string; events: string[] } {
  return events?.length ? { text, events } : { text };
}

async function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers = { "Content-Type": "application/json" };
  return get(path, { method: "POST", headers, body: JSON.stringify(body), ...(signal ? { signal } : {}) });
}

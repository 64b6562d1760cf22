/** The service as the page uses it. Types follow its OpenAPI document; docs/serving.md says what they mean. */

export interface Clip {
  id: string;
  name: string;
  source: string;
  file: string;
  frames: number;
  fps: number;
  duration: number;
  date: number;
  captions: string[];
  labels: string[];
}

export interface EventMatch {
  text: string;
  span: [number, number] | null;
  score: number | null;
  presence: number | null;
  found: boolean;
}

export interface Hit {
  clip: Clip;
  score: number | null;
  best: [number, number];
  events: EventMatch[];
  order_margin: number | null;
  good: boolean;
  duplicates: Clip[];
}

export interface Result {
  events: string[];
  hits: Hit[];
  total: number;
  good: number;
  notes: string[];
}

export interface Library {
  name: string;
  clips: number;
  hours: number;
  model: string;
  examples: string[];
  version: string;
  libraries: string[];
  /** Names of those to which files can be added. */
  extensible: string[];
  /** Name of what makes motions from text, where there is any. */
  generator: string | null;
}

export interface OrderScore {
  events: string[];
  score: number;
  blind: number;
  asked: boolean;
}

/** How the reader understood a file, and where it has that from. */
export interface Reading {
  format: string;
  rig: string;
  frames: number;
  fps: number;
  fps_from: string;
  unit: string;
  unit_from: string;
  up: string;
  up_from: string;
}

export interface Upload {
  id: string;
  name: string;
  duration: number;
  frames: number;
  fps: number;
  reading: Reading;
  notes: string[];
}

/** A file on its way into a library. */
export interface Addition {
  id: string;
  name: string;
  library: string;
  state: "waiting" | "working" | "done" | "failed";
  duration: number;
  reading: Reading;
  notes: string[];
  clip: string | null;
  clip_name: string | null;
  is_new: boolean;
  problem: string | null;
}

/** Where the joints of a clip are: (frames, joints, 3), in metres, y up. */
export interface Frames {
  positions: Float32Array;
  frames: number;
  joints: number;
  fps: number;
}

export interface Query {
  text: string;
  /** Events in order, where the reader has put them himself; null: the service splits the text. */
  events: string[] | null;
  order: number;
  where: string;
  sort: string;
  without: string;
  like: { id: string; name: string; start: number | null; end: number | null } | null;
}

/** What the service said went wrong: RFC 9457. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

const TOKEN = "chronomotion-token";

export function setToken(token: string): void {
  sessionStorage.setItem(TOKEN, token);
}

export function hasToken(): boolean {
  return sessionStorage.getItem(TOKEN) !== null;
}

export async function get(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  let response: Response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "The server does not answer. Is “chronomotion serve” still running?");
  }
  if (!response.ok) throw new Problem(response.status, await detailOf(response));
  return response;
}

async function detailOf(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as { detail?: string; title?: string };
    return problem.detail ?? problem.title ?? response.statusText;
  } catch {
    return response.statusText || `the server answered ${response.status}`;
  }
}

export async function library(): Promise<Library> {
  return (await get("/api/library")).json();
}

export function parametersOf(query: Query): URLSearchParams {
  const parameters = new URLSearchParams();
  if (query.like) {
    parameters.set("like", query.like.id);
    if (query.like.start !== null) parameters.set("start", String(query.like.start));
    if (query.like.end !== null) parameters.set("end", String(query.like.end));
  } else if (query.events) {
    for (const event of query.events) parameters.append("event", event);
  } else if (query.text.trim()) {
    parameters.set("q", query.text.trim());
  }
  if (query.order !== 1) parameters.set("order", String(query.order));
  if (query.where) parameters.set("where", query.where);
  if (query.sort !== "score") parameters.set("sort", query.sort);
  if (query.without) parameters.set("not", query.without);
  return parameters;
}

export async function search(query: Query, top: number, signal: AbortSignal): Promise<Result> {
  const parameters = parametersOf(query);
  parameters.set("top", String(top));
  return (await get(`/api/search?${parameters}`, { signal })).json();
}

export async function clip(id: string): Promise<Clip> {
  return (await get(`/api/clips/${encodeURIComponent(id)}`)).json();
}

/** When the events of a query happen in a clip. */
export async function events(id: string, query: Query): Promise<EventMatch[]> {
  return (await get(`/api/clips/${encodeURIComponent(id)}/events?${aboutEvents(query)}`)).json();
}

function aboutEvents(query: Query): URLSearchParams {
  const { text, events } = query;
  return parametersOf({ text, events, order: 1, where: "", sort: "score", without: "", like: null });
}

export async function orders(id: string, query: Query): Promise<OrderScore[]> {
  return (await get(`/api/clips/${encodeURIComponent(id)}/orders?${aboutEvents(query)}`)).json();
}

export async function send(file: File): Promise<Upload> {
  return (await get("/api/motions", { method: "POST", body: formOf(file) })).json();
}

export async function add(file: File, library: string): Promise<Addition> {
  const where = new URLSearchParams({ library });
  return (await get(`/api/additions?${where}`, { method: "POST", body: formOf(file) })).json();
}

export async function addition(id: string): Promise<Addition> {
  return (await get(`/api/additions/${encodeURIComponent(id)}`)).json();
}

function formOf(file: File): FormData {
  const form = new FormData();
  form.set("file", file);
  return form;
}

/** The clip as a file of its own, under its name. */
export async function download(id: string, name: string): Promise<void> {
  await downloadFrom(`/api/clips/${encodeURIComponent(id)}/file`, `${name}.bvh`);
}

/** What an address gives, as a file. */
export async function downloadFrom(path: string, name: string): Promise<void> {
  const blob = await (await get(path)).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export async function frames(id: string): Promise<Frames> {
  return framesAt(`/api/clips/${encodeURIComponent(id)}/frames`);
}

export async function framesAt(path: string): Promise<Frames> {
  const response = await get(path);
  const halves = new Uint16Array(await response.arrayBuffer());
  const number = (name: string): number => Number(response.headers.get(name));
  return { positions: fromHalves(halves), frames: number("X-Frames"), joints: number("X-Joints"), fps: number("X-Fps") };
}

/** float16 to float32; browsers have no array of halves everywhere yet. */
export function fromHalves(halves: Uint16Array): Float32Array {
  const numbers = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i];
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    numbers[i] = half & 0x8000 ? -size : size;
  }
  return numbers;
}

/** Elements in one call. Text is always text: nothing here reads HTML. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element ${id}`);
  return element as T;
}

const spoken = (): HTMLElement => byId("spoken");

/** Says something to those who cannot see it. */
export function announce(text: string): void {
  spoken().textContent = "";
  requestAnimationFrame(() => {
    spoken().textContent = text;
  });
}

export function seconds(value: number): string {
  return value < 60 ? `${value.toFixed(1)} s` : `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

export const COLOURS = 8;

/** The class that gives an event its colour, everywhere the same. */
export function colourOf(event: number): string {
  return `event-${event % COLOURS}`;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** A sentence as a label: without the full stop that the service ends it with. */
export function plain(text: string): string {
  return text.replace(/\.\s*$/, "");
}

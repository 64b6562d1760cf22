/** Why this order: how well the motion fits every order of the events, beside what the words alone would say. */

import * as api from "./api";
import type { Hit, OrderScore, Query } from "./api";
import { colourOf, h, plain } from "./dom";

export function whyThisOrder(hit: Hit, query: Query): HTMLElement {
  const texts = hit.events.map((event) => event.text);
  if (new Set(texts).size < 2) return h("span", {});
  const body = h("div", { class: "orders" });
  const details = h("details", { class: "why" }, h("summary", {}, "Why this order?"), body);
  details.addEventListener("toggle", () => {
    if (details.open && !body.childElementCount) void fill(body, hit, query, texts);
  });
  return details;
}

async function fill(body: HTMLElement, hit: Hit, query: Query, texts: string[]): Promise<void> {
  body.replaceChildren(h("p", {}, "Asking about every order …"));
  try {
    const orders = await api.orders(hit.clip.id, { ...query, like: null, events: texts });
    body.replaceChildren(...picture(orders, texts));
  } catch (error) {
    body.replaceChildren(h("p", { class: "trouble" }, error instanceof Error ? error.message : String(error)));
  }
}

function picture(orders: OrderScore[], texts: string[]): HTMLElement[] {
  // What counts is which order is liked better, so both are measured from their own mean.
  const mean = (pick: (order: OrderScore) => number): number => orders.reduce((sum, order) => sum + pick(order), 0) / orders.length;
  const means = { score: mean((order) => order.score), blind: mean((order) => order.blind) };
  const values = orders.flatMap((order) => [order.score - means.score, order.blind - means.blind]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const share = (value: number): number => 6 + (93 * (value - low)) / Math.max(high - low, 1e-6);
  const best = orders[0];
  const asked = orders.findIndex((order) => order.asked);
  const words = best?.asked
    ? "The motion fits the order that you asked for best."
    : `The motion fits another order better; yours is number ${asked + 1} of ${orders.length}.`;
  const rows = orders.map((order) => {
    const mine = h("span", { class: "mine" });
    mine.style.width = `${share(order.score - means.score)}%`;
    const blind = h("span", { class: "blind" });
    blind.style.left = `${share(order.blind - means.blind)}%`;
    return h(
      "li",
      { class: order.asked ? "asked" : "" },
      h(
        "span",
        { class: "dots", role: "img", "aria-label": order.events.map(plain).join(", then ") },
        ...order.events.map((text) => h("span", { class: `dot ${colourOf(texts.indexOf(text))}`, title: plain(text) })),
      ),
      h("span", { class: "score-bar", role: "img", "aria-label": `${order.score.toFixed(3)}, without the motion ${order.blind.toFixed(3)}` }, mine, blind),
      h("span", { class: "number" }, order.score.toFixed(2)),
    );
  });
  return [
    h("p", {}, words),
    h("ol", {}, ...rows),
    h("p", { class: "small" }, "Bars: how near the motion is to the order (cosine). Ticks: how near an average motion is to it, which is what the words alone say. Where ticks rise and fall as bars do, the motion was not looked at."),
  ];
}

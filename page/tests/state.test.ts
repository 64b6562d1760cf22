import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHalves } from "../src/api";
import { addressOf, asks, EMPTY, viewOf } from "../src/state";
import type { View } from "../src/state";

const again = (view: View): View => viewOf(new URL(addressOf(view), "http://127.0.0.1/"));
const VIEW: View = { query: EMPTY, selected: null, beside: null, time: 0 };

test("an address holds everything", () => {
  const views: View[] = [
    { ...VIEW, query: { ...EMPTY, text: "a person walks & <b>sits</b>", order: 1.7, where: 'name ~ "a"', sort: "date", without: "falls" } },
    { ...VIEW, query: { ...EMPTY, text: "walks, then sits", events: ["walks", "sits"] }, selected: "2.17", beside: "3", time: 4.2 },
    { ...VIEW, query: { ...EMPTY, like: { id: "17", name: "walk", start: 0, end: 2.5 } } },
    { ...VIEW, query: { ...EMPTY, like: { id: "17", name: "walk", start: null, end: null } }, selected: "17" },
  ];
  for (const view of views) assert.deepEqual(again(view), view);
});

test("an address with nonsense is read as far as it goes", () => {
  const { query, time } = viewOf(new URL("http://127.0.0.1/?q=claps&order=99&sort=colour&t=-3&start=x"));
  assert.deepEqual(query, { ...EMPTY, text: "claps", order: 2 });
  assert.equal(time, 0);
});

test("a filter alone is a question, spaces are none", () => {
  assert.equal(asks({ ...EMPTY, text: "  " }), false);
  assert.equal(asks({ ...EMPTY, where: "duration < 3" }), true);
});

test("halves", () => {
  const halves = Uint16Array.from([0x3c00, 0xc000, 0x3555, 0x0001, 0x8000, 0x7bff]);
  const numbers = [1, -2, 0.333251953125, 2 ** -24, 0, 65504];
  fromHalves(halves).forEach((value, i) => assert.equal(Math.abs(value - numbers[i]), 0));
});

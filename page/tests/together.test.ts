import assert from "node:assert/strict";
import { test } from "node:test";
import { timeBeside } from "../src/together";
import type { Span } from "../src/together";

const FIRST: Span[] = [[0, 2], [3, 5]];
const SECOND: Span[] = [[1, 2], [6, 7]];

const beside = (time: number, first = FIRST, second = SECOND): number => timeBeside(time, first, second, 6, 10);

test("events begin and end together", () => {
  assert.equal(beside(0), 1);
  assert.equal(beside(2), 2);
  assert.equal(beside(3), 6);
  assert.equal(beside(5), 7);
});

test("inside an event and between two it goes evenly", () => {
  assert.equal(beside(1), 1.5);
  assert.equal(beside(2.5), 4);
  assert.equal(beside(4), 6.5);
});

test("the ends of the clips belong together", () => {
  assert.equal(beside(5.5), 8.5);
  assert.equal(beside(6), 10);
  assert.equal(beside(60), 10);
});

test("an event that one of them lacks does not count", () => {
  assert.equal(beside(3, FIRST, [[1, 2], null]), 2 + 8 / 4);
  assert.equal(beside(3, [null, null], SECOND), 5);
});

test("time never goes back, whatever the order of the events", () => {
  const spans = (shift: number): Span[] => [0, 1, 2].map((i) => [((i + shift) % 3) * 2, ((i + shift) % 3) * 2 + 1.5]);
  for (const [first, second] of [[spans(0), spans(1)], [spans(2), spans(0)], [FIRST, [[6, 7], [1, 2]] as Span[]]]) {
    let before = 0;
    for (let time = 0; time <= 6; time += 0.05) {
      const now = timeBeside(time, first, second, 6, 7.5);
      assert.ok(now >= before - 1e-9 && now <= 7.5, `${time}: ${now} after ${before}`);
      before = now;
    }
  }
});

test("one event out of order does not spoil the others", () => {
  const first: Span[] = [[0, 1], [2, 3], [4, 5]];
  const second: Span[] = [[8, 9], [2, 3], [4, 5]];
  assert.equal(timeBeside(2.5, first, second, 6, 10), 2.5);
  assert.equal(timeBeside(4.5, first, second, 6, 10), 4.5);
});

test("clips of no length", () => {
  assert.equal(timeBeside(0, [], [], 0, 0), 0);
});

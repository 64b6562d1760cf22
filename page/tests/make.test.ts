import assert from "node:assert/strict";
import { test } from "node:test";
import { hitOf, placeOf } from "../src/generating";
import { rounded, withLength } from "../src/lengths";
import { addressOfWish, isMaking, wishOf } from "../src/make_state";

const BASE = "http://127.0.0.1:8000/";

test("a wish is in the address and comes back from it", () => {
  const view = { text: "walks & sits", events: ["walks", "sits"], seconds: [2.4, 3], seed: 7, count: 8, guidance: 2.5, temperature: 0.8, made: "made-x" };
  const address = new URL(addressOfWish(view), BASE);
  assert.ok(isMaking(address));
  assert.deepEqual(wishOf(address), view);
});

test("what an address does not say is usual, and what it says wrongly is mended", () => {
  const usual = { text: "", events: null, seconds: null, seed: 1, count: 4, guidance: null, temperature: null, made: null };
  assert.deepEqual(wishOf(new URL("?make=1", BASE)), usual);
  assert.deepEqual(wishOf(new URL("?make=1&seconds=2,x&seed=-4&count=99&guidance=&temperature=warm", BASE)), { ...usual, seed: 0, count: 8 });
  assert.ok(!isMaking(new URL("?q=make", BASE)));
  assert.equal(addressOfWish(usual), "?make=1");
});

test("a length is moved in steps, and the whole stays within the limit", () => {
  assert.equal(rounded(1.07), 1);
  assert.equal(rounded(-3), 0.4);
  assert.deepEqual(withLength([2, 3], 0, 2.71, 12), [2.8, 3]);
  assert.deepEqual(withLength([2, 3], 1, 99, 12), [2, 10]);
  assert.deepEqual(withLength([2, 3], 1, -1, 12), [2, 0.4]);
  // The others leave no room: it stays as short as an event can be.
  assert.deepEqual(withLength([12, 3], 1, 2, 12), [12, 0.4]);
});

test("a variant is drawn as a clip: its spans and what was found", () => {
  const variant = { id: "made-a.b.3", seed: 4, seconds: 5, spans: [[0, 2], [2, 5]] as [number, number][], found: [true, false], figures: {} };
  const hit = hitOf(variant, ["walks", "sits"], 20, 3);
  assert.deepEqual(hit.events.map(({ span, found }) => ({ span, found })), [{ span: [0, 2], found: true }, { span: [2, 5], found: false }]);
  assert.equal(hit.clip.frames, 100);
  assert.equal(placeOf(hit.clip.id), "/api/generate/made-a.b/3");
  const unplanned = hitOf({ ...variant, spans: [], found: null }, ["walks"], 20, 0);
  assert.deepEqual(unplanned.events.map(({ span, found }) => ({ span, found })), [{ span: null, found: true }]);
});

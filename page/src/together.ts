/** Two clips side by side: the same event at the same moment. */

export type Span = [number, number] | null;
type Pair = [first: number, second: number];

/**
 * The time in a second clip that belongs to a time in the first: events begin and end together, and between these times
 * it goes evenly. Where the clips do not have the events in the same order, the most that go together do.
 */
export function timeBeside(time: number, first: Span[], second: Span[], length: number, otherLength: number): number {
  const pairs: Pair[] = first.flatMap((span, place): Pair[] => {
    const other = second[place];
    return span && other ? [[span[0], other[0]], [span[1], other[1]]] : [];
  });
  const inside = pairs.filter(([a, b]) => a >= 0 && b >= 0 && a <= length && b <= otherLength);
  const knots: Pair[] = [[0, 0], ...longestRise(inside), [length, otherLength]];
  const next = knots.findIndex(([a]) => a > time);
  if (next < 0) return otherLength;
  if (next === 0) return 0;
  const [a, b] = knots[next - 1];
  const [c, d] = knots[next];
  return b + ((time - a) / (c - a)) * (d - b);
}

/** The longest list of pairs in which neither number ever falls. */
function longestRise(pairs: Pair[]): Pair[] {
  const sorted = [...pairs].sort(([a, b], [c, d]) => a - c || b - d);
  const chains: Pair[][] = [];
  for (const pair of sorted) {
    const before = chains.filter((chain) => chain[chain.length - 1][1] <= pair[1]);
    const longest = before.reduce<Pair[]>((best, chain) => (chain.length > best.length ? chain : best), []);
    chains.push([...longest, pair]);
  }
  return chains.reduce<Pair[]>((best, chain) => (chain.length > best.length ? chain : best), []);
}

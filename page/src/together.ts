/** Two clips side by side: the same event at the same moment. */

type Span = [number, number] | null;

/**
 * The time in a second clip that belongs to a time in the first: events begin and end together, and between these times
 * it goes evenly.
 */
export function timeBeside(time: number, first: Span[], second: Span[], length: number, otherLength: number): number {
  const pairs: [number, number][] = [[0, 0]];
  for (const [place, span] of first.entries()) {
    const other = second[place];
    if (span && other) pairs.push([span[0], other[0]], [span[1], other[1]]);
  }
  pairs.push([length, otherLength]);
  const rising = pairs.filter(
    ([a, b], i) => pairs.slice(0, i).every(([x, y]) => x <= a && y <= b) && a <= length && b <= otherLength,
  );
  let place = rising.findIndex(([a]) => a > time);
  if (place < 0) return otherLength;
  place = Math.max(1, place);
  const [a, b] = rising[place - 1];
  const [c, d] = rising[place];
  return c === a ? d : b + ((time - a) / (c - a)) * (d - b);
}

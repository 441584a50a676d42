const { PROPERTY_RUNS: given } = process.env;

/** Runs of each property test: 200, with `npm run test:random` 2,000; `PROPERTY_RUNS=100000 npx vitest run …` for a long search. */
export const PROPERTY_RUNS = Number(given ?? 200);

/** The bytes in portions, cut at these offsets. */
export function portions(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const inner = cuts.filter((cut) => cut > 0 && cut < bytes.length);
  const ends = [...new Set([...inner, bytes.length])].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

/** Deterministic random numbers in [0, 1): the same seed gives the same sequence, so that runs can be repeated. */
export function seededRandom(seed: number): () => number {
  // xorshift32 must not have the state zero, so the seed is spread over the word and never becomes zero.
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ 0x27d4eb2f) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

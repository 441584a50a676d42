/** Maps the items with at most `atOnce` running at a time; results are in order. Rejects with the first error. */
export async function inParallel<T, R>(
  all: readonly T[],
  atOnce: number,
  work: (one: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(all.length);
  const left = all.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, one] of left) {
      if (failed) return;
      try {
        results[index] = await work(one);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, worker));
  return results;
}

/** Short compared to a frame of 20 ms; long compared to the cost of polling sixty phones. */
const TICK_MS = 5;

const tickers = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;

/**
 * Calls `tick` every few milliseconds, late if the machine is busy; one timer serves all. Returns a function that stops
 * it.
 */
export function onTick(tick: () => void): () => void {
  tickers.add(tick);
  timer ??= setInterval(() => {
    for (const each of [...tickers]) each();
  }, TICK_MS);
  return () => {
    tickers.delete(tick);
    if (tickers.size === 0 && timer) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Small against a frame of 20 ms; large against the cost of looking at sixty phones. */
const TICK_MS = 5;

const tickers = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;

/** Calls `tick` every few milliseconds, late when the machine is busy; one timer for all. Returns how to stop it. */
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

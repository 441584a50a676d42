/** Shorter than the time limit of the test framework, so that the error names the condition. No assertion depends on it. */
export const HANG_MS = 150_000;
const LOOK_MS = 10;

/** Resolves when the condition holds. Rejects with its name after `HANG_MS`. */
export async function comesTrue(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + HANG_MS;
  while (!(await condition())) {
    if (performance.now() > untilMs) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

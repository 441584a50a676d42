/** Names what is missing before the hang guard of the test framework ends the test. No assertion depends on it. */
export const HANG_MS = 150_000;
const LOOK_MS = 10;

/** Resolves when the condition holds, however long a busy machine takes; rejects, naming it, when the test hangs. */
export async function comesTrue(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + HANG_MS;
  while (!(await condition())) {
    if (performance.now() > untilMs) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Milliseconds of the clock that all processes of this machine share. It is never set. */
export function machineMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

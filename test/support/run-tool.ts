import { spawnSync } from 'node:child_process';

export interface ToolRun {
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs an installed program to its end; throws with what it said when it fails. */
export function runTool(program: string, args: readonly string[], input?: Uint8Array): ToolRun {
  const run = spawnSync(program, args, { ...(input && { input }), maxBuffer: 1 << 30, timeout: 20_000 });
  const stderr = run.stderr?.toString() ?? '';
  if (run.error) throw new Error(`${program} cannot be run`, { cause: run.error });
  if (run.status !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${run.status}: ${stderr}`);
  return { stdout: run.stdout, stderr };
}

import { spawnSync } from 'node:child_process';

/** A shell command in whose pid namespace a process is number 1, as in a container; or why there is none here. */
export type PidNamespace =
  { readonly may: true; readonly through: string } | { readonly may: false; readonly reason: string };

/** Root may make one; where users may make namespaces of their own, everyone. */
const WAYS = [
  ['--fork', '--pid', '--kill-child'],
  ['--user', '--map-root-user', '--fork', '--pid', '--kill-child'],
];

export function pidNamespace(): PidNamespace {
  const reasons: string[] = [];
  for (const way of WAYS) {
    const tried = spawnSync('unshare', [...way, '--', 'true'], { encoding: 'utf8' });
    if (tried.status === 0) return { may: true, through: `exec unshare ${way.join(' ')} --` };
    reasons.push(tried.error?.message ?? tried.stderr.trim());
  }
  return { may: false, reason: reasons.join('; ') };
}

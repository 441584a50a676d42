import type { Settings } from '../../settings/settings.ts';
import type { Finding } from './finding.ts';

const what = 'Redis';
/** Above this part of its limit, memory is nearly full. */
const NEARLY_FULL = 0.8;
const MEGABYTE = 1_048_576;

/** Whether Redis can be used, is recent enough, and keeps what it has. Nothing without `REDIS_URL`. Rejects if it cannot be used. */
export async function checkRedis({ cluster }: Settings): Promise<Finding[]> {
  if (!cluster) return [];
  const { inspectRedis } = await import('../../cluster/inspect-redis.ts');
  const { evictionProblem, versionProblem } = await import('../../cluster/redis-version.ts');
  const { servers, isPersistent, answeredMs } = await inspectRedis(cluster);
  const { kind, tls } = cluster.address;
  const [first] = servers;
  const place = {
    server: '',
    sentinel: ', found by its sentinels',
    cluster: `, cluster of ${servers.length} masters`,
  };
  const product = first
    ? `${first.product} ${first.version}`
    : 'Redis of unknown version (its user may not use INFO)';
  const how = `${product}${place[kind]}${tls ? ' over TLS' : ''}`;
  const tooOld = servers.flatMap((server) => versionProblem(server) ?? [])[0];
  if (tooOld !== undefined)
    return [{ what, verdict: 'fail', found: tooOld, todo: 'upgrade it: until then each machine is alone' }];
  const warnings: Finding[] = [];
  const warn = (found: string, todo: string): void =>
    void warnings.push({ what, verdict: 'warn', found, todo });
  const evicts = servers.flatMap((server) => evictionProblem(server) ?? [])[0];
  if (evicts !== undefined) warn(evicts, 'set maxmemory-policy noeviction');
  for (const { usedBytes, limitBytes } of servers)
    if (usedBytes !== undefined && limitBytes !== undefined && usedBytes > limitBytes * NEARLY_FULL)
      warn(
        `${megabytes(usedBytes)} of ${megabytes(limitBytes)} MB are in use`,
        'raise maxmemory: a live call needs about 0.7 MB per minute (docs/scaling.md)',
      );
  if (isPersistent === false)
    warn(
      'it keeps nothing over a restart: live calls go on, but erasures and jobs that wait in it alone would be lost',
      'set appendonly yes',
    );
  return [
    { what, verdict: 'ok', found: `${how} takes writes, answers in ${answeredMs.toFixed(1)} ms` },
    ...warnings,
  ];
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(0);
}

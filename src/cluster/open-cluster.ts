import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Log } from '../log.ts';
import type { ClusterSettings } from '../settings/addresses/redis-address.ts';
import { RedisAttempts } from './access/redis-attempts.ts';
import { RedisBrowserKey } from './access/redis-browser-key.ts';
import { RedisSessions } from './access/redis-sessions.ts';
import { Subscriptions } from './access/subscriptions.ts';
import { CallClaims } from './calls/call-claims.ts';
import { JournalReplication } from './journals/journal-replication.ts';
import { EvictionCheck } from './eviction-check.ts';
import { RedisJobs } from './jobs/redis-jobs.ts';
import { OwnedJournals } from './journals/owned-journals.ts';
import { ReplicatedJournals } from './journals/replicated-journals.ts';
import { RedisKeys } from './keys.ts';
import { RedisLeases } from './leases/redis-leases.ts';
import { MachineDirectory } from './machines/machine-directory.ts';
import { MachineMessages } from './machines/machine-messages.ts';
import { openRedis, refusalOf } from './redis-connection.ts';
import { RedisOutage } from './redis-outage.ts';
import { RedisVersionCheck } from './redis-version-check.ts';
import { RedisTasks } from './tasks/redis-tasks.ts';
import { RedisTickets } from './tickets/redis-tickets.ts';

const BEAT_EVERY_MS = 1_000;
/** A command that is run by a person waits so long for the first connection. */
const REACHED_WITHIN_MS = 2_000;
const PROBE_KEPT_MS = 60_000;
/** What was missed is made up for after this time at the latest. */
const SYNCHRONIZE_EVERY_MS = 30_000;

/** What this machine shares with the others through Redis. A Redis that does not answer delays nothing but its own parts. */
export function openCluster({ address, prefix, name }: ClusterSettings, temporary: string, log: Log) {
  const client = openRedis(address, log);
  const subscriber = openRedis(address, log);
  const version = new RedisVersionCheck([client, subscriber], log);
  const id = randomUUID();
  const keys = new RedisKeys(prefix);
  const tickets = {
    telephone: new RedisTickets(client, keys, 'telephone', log),
    browser: new RedisTickets(client, keys, 'browser', log),
  } as const;
  const subscriptions = new Subscriptions(subscriber, log);
  const access = {
    sessions: new RedisSessions(client, keys, subscriptions, log),
    attempts: new RedisAttempts(client, keys, subscriptions, log),
    browserKey: new RedisBrowserKey(client, keys, log),
  } as const;
  const outage = new RedisOutage('calls of several machines', log);
  const failed = (error: unknown): void =>
    log.error({ err: error }, 'a subscriber of news about machines failed');
  const leases = new RedisLeases({ client, keys, name, outage: new RedisOutage('scheduled work', log) });
  const claims = new CallClaims(client, keys, id);
  const replication = new JournalReplication({ cluster: { address, prefix }, log });
  const eviction = new EvictionCheck(client, log);
  const jobs = new RedisJobs({ client, cluster: { address, prefix }, log });
  const machines = {
    claims,
    replication,
    follower: new OwnedJournals(replication, (callSid) => claims.fenceOf(callSid)),
    directory: new MachineDirectory(client, keys, { id, name }, failed),
    messages: new MachineMessages({ publisher: client, subscriber, keys, machine: id, log }),
    journals: new ReplicatedJournals({ client, keys, temporary }),
    work: { tasks: new RedisTasks(client, keys), leases },
    outage,
  } as const;
  const parts = [
    machines,
    leases,
    jobs,
    subscriptions,
    tickets.telephone,
    tickets.browser,
    access.sessions,
    access.attempts,
    access.browserKey,
  ];
  const isFailing = (): boolean => parts.some(({ outage }) => outage.problem !== undefined);
  const worksAgain = (): void => {
    for (const { outage } of parts) outage.worked();
    void access.sessions.synchronize();
  };
  // What failed may not be asked for again before the next call or login.
  const probe = (): void => {
    const answer = client.set(keys.of('probe'), '', 'PX', PROBE_KEPT_MS);
    answer.then(worksAgain, () => undefined);
  };
  client.on('ready', () => void access.sessions.synchronize());
  const timers = [
    setInterval(() => {
      subscriptions.beat();
      void jobs.look();
      if (isFailing()) probe();
    }, BEAT_EVERY_MS),
    setInterval(() => void access.sessions.synchronize(), SYNCHRONIZE_EVERY_MS),
  ];
  return {
    tickets,
    access,
    machines,
    jobs,
    get problems(): readonly string[] {
      // If Redis is too old, that is why all parts fail.
      if (version.problem !== undefined) return [`${version.problem}; this machine goes on alone`];
      // The same for a refusal.
      const refusal = refusalOf(client);
      if (refusal !== undefined)
        return [`Redis refuses the connection: ${refusal}; this machine goes on alone`];
      return [...parts.map(({ outage }) => outage), eviction].flatMap(({ problem }) => problem ?? []);
    },
    isReachable: async (): Promise<boolean> => {
      if (client.status !== 'ready')
        await once(client, 'ready', { signal: AbortSignal.timeout(REACHED_WITHIN_MS) }).catch(
          () => undefined,
        );
      return client.status === 'ready';
    },
    close: (): void => {
      for (const timer of timers) clearInterval(timer);
      version.close();
      access.attempts.close();
      client.disconnect();
      subscriber.disconnect();
    },
  };
}

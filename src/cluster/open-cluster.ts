import type { Log } from '../log.ts';
import type { ClusterSettings } from '../settings/addresses/redis-address.ts';
import { RedisKeys } from './keys.ts';
import { openRedis } from './redis-connection.ts';
import { RedisTickets } from './tickets/redis-tickets.ts';

/** What this machine shares with the others through Redis. A Redis that does not answer delays nothing but its own parts. */
export function openCluster({ address, prefix }: ClusterSettings, log: Log) {
  const client = openRedis(address, log);
  const keys = new RedisKeys(prefix);
  const tickets = {
    telephone: new RedisTickets(client, keys, 'telephone', log),
    browser: new RedisTickets(client, keys, 'browser', log),
  } as const;
  const outages = [tickets.telephone.outage, tickets.browser.outage];
  // What failed for want of a connection is not asked for again before the next call.
  client.on('ready', () => outages.forEach((outage) => outage.worked()));
  return {
    tickets,
    get problems(): readonly string[] {
      return outages.flatMap(({ problem }) => problem ?? []);
    },
    close: (): void => client.disconnect(),
  };
}

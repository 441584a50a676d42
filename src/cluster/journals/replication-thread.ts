import { parentPort, workerData } from 'node:worker_threads';
import { createLog } from '../../log.ts';
import { rootCause } from '../../storage/failure-kind.ts';
import { RedisKeys } from '../keys.ts';
import { openRedis, type RedisClient } from '../redis-connection.ts';
import { JournalReplicator } from './journal-replicator.ts';
import type {
  FromReplicationThread,
  ReplicationThreadData,
  ToReplicationThread,
} from './replication-messages.ts';

/** Without news, the files are looked at this often: what was not sent in time is sent then. */
const ROUND_EVERY_MS = 100;
const FIGURES_EVERY_MS = 500;

const port = parentPort;
if (port) run(port, workerData as ReplicationThreadData);

function run(main: NonNullable<typeof parentPort>, { address, prefix }: ReplicationThreadData): void {
  const send = (message: FromReplicationThread): void => main.postMessage(message);
  const client = openRedis(address, createLog({ level: 'silent' }));
  const disconnection = lastDisconnection(client);
  const replicator = new JournalReplicator(client, new RedisKeys(prefix), (callSid, fence) =>
    send({ kind: 'fenced', callSid, fence }),
  );
  const timers = [
    setInterval(() => replicator.roundAfter(ROUND_EVERY_MS), ROUND_EVERY_MS),
    setInterval(() => {
      const { cause, ...figures } = replicator.figures;
      // A command that could not be sent does not say why there is no connection.
      const error = cause === undefined ? undefined : rootCause(disconnection() ?? cause);
      send({ kind: 'figures', figures: { ...figures, error } });
    }, FIGURES_EVERY_MS),
  ];
  main.on('message', (message: ToReplicationThread) => {
    switch (message.kind) {
      case 'begins':
        replicator.begins(message.call);
        break;
      case 'ends':
        replicator.ends(message.callSid);
        break;
      case 'wrote':
        replicator.round();
        break;
      case 'confirm':
        replicator.whenReplicated(message.callSid, () => send({ kind: 'confirmed', id: message.id }));
        break;
      case 'stop':
        for (const timer of timers) clearInterval(timer);
        replicator.end();
        client.disconnect();
        main.close();
        break;
    }
  });
  send({ kind: 'ready' });
}

/** Why there is no connection; undefined while there is one. */
function lastDisconnection(client: RedisClient): () => unknown {
  let last: unknown;
  client.on('error', (error: unknown) => (last = error));
  client.on('ready', () => (last = undefined));
  return () => last;
}

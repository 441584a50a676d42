import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalogue, CatalogueDown } from '../../src/catalogue/catalogue.ts';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import type { CatalogueEntry } from '../../src/records/call-entry.ts';
import { SchedulingDelayMeter } from '../setup/scheduling-delay.ts';
import { finishedCall, sidOf } from '../support/catalogued-calls.ts';
import type { DatabaseServer } from '../support/database-server.ts';
import { unusedPort } from '../support/unused-port.ts';
import { allPages } from './catalogue-lists.ts';

/** How long a catalogue may take to say that its server is gone, without the time that the machine makes it wait. */
const TOLD_MS = 20_000;
/** Writes at the same time. */
const WRITERS = 100;

/** A server that dies is told as `CatalogueDown`, and is used again when it is back. */
export function catalogueOutlivesItsServer(
  name: string,
  startServer: () => Promise<DatabaseServer>,
  urlAt: (port: number) => string,
): void {
  describe(`an outage of ${name}`, () => {
    let server: DatabaseServer | undefined;
    let catalogue: Catalogue | undefined;
    const there = (): { server: DatabaseServer; catalogue: Catalogue } => ({
      server: server!,
      catalogue: catalogue!,
    });

    beforeAll(async () => {
      server = await startServer();
      catalogue = await openCatalogue(await server.newDatabase());
      await catalogue.open();
    });

    afterAll(async () => {
      await catalogue?.close();
      await server?.end();
    });

    test('while idle: the next request reports it, and everything is there afterwards', async () => {
      const { server, catalogue } = there();
      await Promise.all([1, 2, 3].map((number) => catalogue.putEntry(finishedCall(number, ['Hello']))));
      await server.kill();
      await expect(catalogue.get(sidOf(1))).rejects.toThrow(CatalogueDown);
      await expect(catalogue.putEntry(finishedCall(4))).rejects.toThrow(/does not answer/);
      await expect(catalogue.search({ words: 'hello' }, { limit: 5 })).rejects.toThrow(CatalogueDown);
      await server.start();
      expect((await catalogue.search({ words: 'hello' }, { limit: 5 })).items).toHaveLength(3);
      await catalogue.putEntry(finishedCall(4));
      expect((await catalogue.list({}, { limit: 5 })).items).toHaveLength(4);
    });

    test('during work: reported writes are there, the others can be repeated', async () => {
      const { server, catalogue } = there();
      const tried: CatalogueEntry[] = [];
      const entered: CatalogueEntry[] = [];
      const failures: unknown[] = [];
      const firstEntered = new EventEmitter();
      // Writes until the server is gone: it is always killed in the middle.
      const write = async (): Promise<void> => {
        while (failures.length === 0) {
          const call = finishedCall(100 + tried.length, ['the middle']);
          tried.push(call);
          try {
            await catalogue.putEntry(call);
          } catch (error) {
            failures.push(error);
            return;
          }
          entered.push(call);
          firstEntered.emit('entered');
        }
      };
      const killed = once(firstEntered, 'entered').then(() => server.kill());
      await Promise.all([killed, ...Array.from({ length: WRITERS }, write)]);
      expect(failures.filter((error) => !(error instanceof CatalogueDown))).toEqual([]);
      await server.start();
      for (const call of entered) expect(await catalogue.get(call.callSid)).toEqual(call);
      await catalogue.putEntries(tried);
      const hits = await allPages((cursor) =>
        catalogue.search({ words: 'middle' }, { limit: 200, ...(cursor !== undefined && { cursor }) }),
      );
      expect(hits).toHaveLength(tried.length);
    });

    test('before the first connection: it is opened when it is available', async () => {
      const { server } = there();
      const late = await openCatalogue(await server.newDatabase());
      await server.kill();
      await expect(late.open()).rejects.toThrow(CatalogueDown);
      await server.start();
      await late.putEntry(finishedCall(1));
      expect(await late.get(sidOf(1))).toEqual(finishedCall(1));
      await late.close();
      await expect(late.open()).rejects.toThrow('The catalogue is closed.');
    });

    test('as a refused connection: it is reported soon', async () => {
      const nowhere = await openCatalogue(urlAt(await unusedPort()));
      await expect(nowhere.open()).rejects.toThrow(CatalogueDown);
      await nowhere.close();
    });

    test('as a connection without an answer: it is reported in time', async () => {
      const sockets: Socket[] = [];
      const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const catalogue = await openCatalogue(urlAt((silent.address() as AddressInfo).port));
      const meter = new SchedulingDelayMeter();
      const requests = Array.from({ length: 30 }, () => catalogue.get(sidOf(1)));
      const settled = await Promise.allSettled(requests);
      const { elapsedMs, waitedMs } = meter.delay;
      expect(elapsedMs - waitedMs).toBeLessThan(TOLD_MS);
      for (const each of settled)
        expect(each).toMatchObject({ status: 'rejected', reason: { name: 'CatalogueDown' } });
      for (const socket of sockets) socket.destroy();
      silent.close();
      await catalogue.close();
    });
  });
}

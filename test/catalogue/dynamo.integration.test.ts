import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalogue, CatalogueDown } from '../../src/catalogue/catalogue.ts';
import { dynamoAddress } from '../../src/catalogue/dynamo/dynamo-address.ts';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { createLog } from '../../src/log.ts';
import { MicrophoneCatalogueSync } from '../../src/microphone/recordings/catalogue-sync.ts';
import { MicrophoneRecordings } from '../../src/microphone/recordings/recording-folder.ts';
import { documentJson, documentOf } from '../../src/microphone/recordings/transcript-document.ts';
import { finishedCall, liveCall, microphoneEntry, sidOf, spokenTurn } from '../support/catalogued-calls.ts';
import { type DatabaseServer, startedServer } from '../support/database-server.ts';
import { DYNALITE } from '../support/dynalite-server.ts';
import { DynamoItems } from '../support/dynamo-items.ts';
import { ownFolder } from '../support/own-folder.ts';
import { ReluctantDynamo } from '../support/reluctant-dynamo.ts';

let server: DatabaseServer | undefined;

beforeAll(async () => {
  server = await startedServer(DYNALITE);
});

afterAll(() => server?.end());

/** A catalogue of its own behind a server that is reluctant as it is told. */
async function reluctant(): Promise<{ dynamo: ReluctantDynamo; catalogue: Catalogue; url: string }> {
  const url = await server!.newDatabase();
  const dynamo = await ReluctantDynamo.start(new URL(url).searchParams.get('endpoint')!);
  const catalogue = await openCatalogue(`${url.split('?')[0]}?endpoint=${dynamo.endpoint}`);
  await catalogue.open();
  return { dynamo, catalogue, url };
}

describe('a DynamoDB catalogue', () => {
  test('repeats the rest of a request that a busy server executed only in part', async () => {
    const { dynamo, catalogue } = await reluctant();
    dynamo.taken = 7;
    const calls = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) =>
      finishedCall(number, ['a busy server', 'and more']),
    );
    await catalogue.putEntries(calls);
    for (const call of calls) expect(await catalogue.get(call.callSid)).toEqual(call);
    expect((await catalogue.list({}, { limit: 20 })).items).toHaveLength(9);
    expect((await catalogue.search({ words: 'busy server' }, { limit: 20 })).items).toHaveLength(9);
    // One that takes nothing at all is given up.
    dynamo.taken = 0;
    await expect(catalogue.putEntry(finishedCall(10))).rejects.toThrow(CatalogueDown);
    await catalogue.close();
    await dynamo.stop();
  });

  test('is compared with a directory of recordings by its list alone', async () => {
    const { dynamo, catalogue } = await reluctant();
    using place = ownFolder();
    const count = 40;
    for (let number = 1; number <= count; number += 1) {
      const file = path.join(place.path, `${number}.wav`);
      writeFileSync(file, writeWav(new Int16Array(80), 8_000));
      const document = documentOf([{ startMs: 0, endMs: 10, text: `Number ${number}.` }], [], 'en');
      writeFileSync(file.replace('.wav', '.json'), documentJson(document));
    }
    const folder = new MicrophoneRecordings(place.path);
    const log = createLog({ level: 'silent', destination: process.stderr });
    const sync = new MicrophoneCatalogueSync({ folder, catalogue, language: 'en', log });
    expect(await sync.rebuild(false)).toMatchObject({ entered: count, failed: [] });
    const compared = async (): Promise<number> => {
      dynamo.asked.length = 0;
      sync.compare();
      await sync.idle();
      return dynamo.asked.length;
    };
    // A query of the list, and a read of its heads, 100 at once.
    const requests = await compared();
    expect(requests).toBe(2);
    writeFileSync(
      path.join(place.path, '7.json'),
      documentJson(documentOf([{ startMs: 0, endMs: 10, text: 'Otherwise.' }], [], 'en')),
    );
    await compared();
    expect((await catalogue.search({ words: 'otherwise' }, { limit: 9 })).items).toHaveLength(1);
    expect(await compared()).toBe(requests);
    await catalogue.close();
    await dynamo.stop();
  });

  test('never scans the table, and needs the same requests for a page of few or many calls', async () => {
    const { dynamo, catalogue } = await reluctant();
    const some = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => finishedCall(from + index, ['common words']));
    await catalogue.putEntries([
      finishedCall(1, ['a rare word'], { outcome: 'failed', from: '+33122223333' }),
      ...some(2, 60),
    ]);
    await catalogue.putCall(liveCall(0, { from: '+33122223333' }));
    const asked = async (): Promise<string[]> => {
      dynamo.asked.length = 0;
      const page = { limit: 10 };
      expect((await catalogue.list({}, page)).items).toHaveLength(10);
      expect((await catalogue.list({ outcome: 'failed' }, page)).items).toHaveLength(1);
      expect((await catalogue.list({ state: 'live' }, page)).items).toHaveLength(1);
      expect((await catalogue.list({ number: '22223333' }, page)).items).toHaveLength(2);
      expect((await catalogue.search({ words: 'rare word' }, page)).items).toHaveLength(1);
      expect((await catalogue.search({ words: 'rare word', number: '22223333' }, page)).items).toHaveLength(
        1,
      );
      await catalogue.get(sidOf(1));
      return [...dynamo.asked];
    };
    const amongFew = await asked();
    await catalogue.putEntries(some(100, 100));
    expect(await asked()).toEqual(amongFew);
    expect(new Set(amongFew)).toEqual(new Set(['Query', 'BatchGetItem', 'GetItem']));
    expect(amongFew.length).toBeLessThan(25);
    await catalogue.close();
    await dynamo.stop();
  });

  test('keeps no item of a call that was added, changed and removed', async () => {
    const url = await server!.newDatabase();
    const catalogue = await openCatalogue(url);
    const texts = Array.from({ length: 1_200 }, (_, index) => `turn ${index} and the ${'x'.repeat(index)}`);
    await catalogue.putCall(liveCall(1));
    await catalogue.putTurns(sidOf(1), [spokenTurn(1, 'first'), spokenTurn(2, 'long '.repeat(30_000))]);
    await catalogue.putTurns(sidOf(1), [spokenTurn(2, 'other')]);
    await catalogue.putCall(liveCall(1, { from: 'client:alice', startedAtMs: 5 }));
    await catalogue.putEntry(finishedCall(1, texts, { summary: 'long '.repeat(30_000) }));
    await catalogue.putEntry(finishedCall(1, ['short']));
    const items = new DynamoItems(url);
    // The head, a turn, the word, and an entry in each of four lists.
    expect(await items.all()).toHaveLength(7);
    await catalogue.remove(sidOf(1));
    const recording = microphoneEntry(1);
    await catalogue.putMicrophone(recording);
    await catalogue.putMicrophone({ ...recording, createdAtMs: 2 });
    await catalogue.removeMicrophone(recording.name);
    expect(await items.all()).toEqual([]);
    items.close();
    await catalogue.close();
  });

  test('of schema version 1 is migrated: recordings of the microphone stay, and calls are the same', async () => {
    const url = await server!.newDatabase();
    const catalogue = await openCatalogue(url);
    await catalogue.putEntry(finishedCall(1, ['an invoice']));
    await catalogue.close();
    const items = new DynamoItems(url);
    const { name, createdAtMs, sizeBytes, durationMs, sha256 } = microphoneEntry(7);
    const recording = { name, createdAtMs, sizeBytes, durationMs, sha256 };
    await items.put({ pk: 'schema', sk: 'version', version: 1 });
    await items.put({ pk: `microphone#${name}`, sk: 'head', place: '1#r' });
    await items.put({ pk: 'microphones', sk: '1#r', recording });
    const before = (await items.all()).length;
    const migrated = await Promise.all([openCatalogue(url), openCatalogue(url)]);
    await Promise.all(migrated.map((each) => each.open()));
    const [first] = migrated;
    expect(await first.getMicrophone(name)).toEqual({
      ...{ ...recording, format: 'wav', transcription: 'none', keywords: [], utterances: [] },
    });
    expect(await first.get(sidOf(1))).toEqual(finishedCall(1, ['an invoice']));
    expect((await items.all()).length).toBe(before);
    await first.removeMicrophone(name);
    expect((await items.all()).length).toBe(before - 2);
    items.close();
    for (const each of migrated) await each.close();
  });

  test('of a newer offhook version is refused with a sentence', async () => {
    const url = await server!.newDatabase();
    const catalogue = await openCatalogue(url);
    await catalogue.open();
    await catalogue.close();
    const items = new DynamoItems(url);
    await items.put({ pk: 'schema', sk: 'version', version: 99 });
    items.close();
    const older = await openCatalogue(url);
    await expect(older.open()).rejects.toThrow(
      /has schema version 99, and this version of offhook supports version 2/,
    );
    await older.close();
  });
});

describe('the address of a DynamoDB catalogue', () => {
  test('has a region, a prefix, and optionally a server and a key', () => {
    expect(dynamoAddress('dynamodb://eu-central-1/offhook')).toEqual({
      region: 'eu-central-1',
      prefix: 'offhook',
    });
    expect(
      dynamoAddress('dynamodb://KEY:s%2Fcret@us-east-1/a.b-c_1?endpoint=https://db.example.com'),
    ).toEqual({
      ...{ region: 'us-east-1', prefix: 'a.b-c_1', endpoint: 'https://db.example.com' },
      key: { accessKeyId: 'KEY', secretAccessKey: 's/cret' },
    });
    const local = dynamoAddress('dynamodb://local/offhook?endpoint=http://localhost:8000');
    expect(local.key).toBeDefined();
    const elsewhere = dynamoAddress('dynamodb://local/offhook?endpoint=http://dynamodb:8000');
    expect(elsewhere.key).toBeUndefined();
  });

  test.each([
    ...['dynamodb://eu-central-1', 'dynamodb://eu-central-1/', 'dynamodb:///offhook', 'dynamodb://r/a/b'],
    ...['dynamodb://r/a b', 'dynamodb://r:80/offhook', 'dynamodb://r/offhook?endpoint=secret', 'dynamodb:r'],
    ...[
      'dynamodb://r/offhook?end=http://secret',
      'dynamodb://r/offhook?endpoint=ftp://x',
      'dynamodb://k:secret@r',
    ],
  ])('%j is refused with the accepted form', async (url) => {
    await expect(openCatalogue(url)).rejects.toThrow(/must be dynamodb:\/\/REGION\/PREFIX/);
    await expect(openCatalogue(url)).rejects.not.toThrow(/secret/);
  });
});

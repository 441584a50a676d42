import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sine } from '../../src/audio/tone.ts';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { readAllScenarios } from '../../src/simulator/fixtures/scenario.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { comesTrue } from '../support/comes-true.ts';
import { decodeSound } from '../support/npm-decoders.ts';
import { Offhook } from '../support/test-server.ts';

let offhook: Offhook;
let folder: string;

beforeAll(async () => {
  offhook = await Offhook.start({}, { catalogue: true });
  folder = offhook.fileOf('recordings');
});
afterAll(() => offhook.close());

const tone = (ms: number) => writeWav(sine(440, ms, -12, 48_000), 48_000);

function save(content: Uint8Array | string, field = 'audio', name = 'clip.wav'): Promise<Response> {
  const form = new FormData();
  form.append(field, new Blob([content]), name);
  return fetch(`${offhook.url}/save_recording`, { method: 'POST', body: form });
}

interface Listed {
  readonly name: string;
  readonly createdAt: string;
  readonly sizeBytes: number;
  readonly durationSeconds: number;
  readonly transcript?: string;
}

async function listed(): Promise<Listed[]> {
  const answer = await fetch(`${offhook.url}/list_recordings`);
  return ((await answer.json()) as { recordings: Listed[] }).recordings;
}

describe('recordings of the microphone', () => {
  it('are saved with their time in the name, listed latest first, played in ranges, and deleted', async () => {
    const names: string[] = [];
    for (const ms of [1_000, 2_500]) {
      const answer = await save(tone(ms));
      expect(answer.status).toBe(201);
      const kept = (await answer.json()) as Listed;
      expect(kept.name).toMatch(/^recording_\d{8}_\d{6}(_\d+)?\.wav$/u);
      expect(kept.durationSeconds).toBe(ms / 1_000);
      names.push(kept.name);
    }
    const all = await listed();
    expect(all.map(({ name }) => name)).toEqual(names.toReversed());
    expect(Object.keys(all[0]!)).toEqual([
      'name',
      'createdAt',
      'sizeBytes',
      'durationSeconds',
      'transcription',
    ]);
    expect(Math.abs(Date.parse(all[0]!.createdAt) - Date.now())).toBeLessThan(60_000);
    const saved = await decodeSound(path.join(folder, names[1]!));
    expect([saved.sampleRateHz, saved.channels[0]!.length]).toEqual([48_000, 120_000]);

    const url = `${offhook.url}/recordings/${names[0]!}`;
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(whole.equals(Buffer.from(tone(1_000)))).toBe(true);
    const part = await fetch(url, { headers: { range: 'bytes=44-143' } });
    expect([part.status, part.headers.get('content-type')]).toEqual([206, 'audio/wav']);
    expect(part.headers.get('cache-control')).toBe('private, no-cache');
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(44, 144))).toBe(true);
    expect((await fetch(url, { headers: { range: 'bytes=9999999-' } })).status).toBe(416);

    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(url)).status).toBe(404);
    expect((await listed()).map(({ name }) => name)).toEqual([names[1]]);
    expect(readdirSync(path.join(folder, '.uploads'))).toEqual([]);
  });

  it('are in the catalogue, including those copied into the directory', async () => {
    const own = await Offhook.start(
      {},
      {
        catalogue: true,
        prepare: async (directory) => {
          await mkdir(path.join(directory, 'recordings'));
          await writeFile(path.join(directory, 'recordings', 'mine.wav'), tone(1_000));
        },
      },
    );
    const catalogue = await openCatalogue(`sqlite:${own.fileOf('.offhook/catalogue.db')}`);
    const names = async () =>
      (await catalogue.listMicrophone({ limit: 10 })).items.map(
        ({ name, durationMs }) => `${name} ${durationMs}`,
      );
    await comesTrue('it is listed', async () => (await names()).join() === 'mine.wav 1000');
    expect((await fetch(`${own.url}/recordings/mine.wav`, { method: 'DELETE' })).status).toBe(204);
    await comesTrue('it is no longer listed', async () => (await names()).length === 0);
    await catalogue.close();
    await own.close();
  });

  it('are accepted only if their content is WAV, whatever their name', async () => {
    const before = (await listed()).length;
    const mp3 = new Uint8Array(2_000).fill(0xff);
    for (const content of [mp3, 'RIFF....WAVE', new Uint8Array(0), 'nonsense']) {
      const answer = await save(content);
      expect(answer.status).toBe(415);
      expect(((await answer.json()) as { detail: string }).detail).toContain('WAV');
    }
    writeFileSync(path.join(folder, 'notes.wav'), 'no sound at all');
    expect((await fetch(`${offhook.url}/recordings/notes.wav`)).status).toBe(404);
    expect(await listed()).toHaveLength(before);
    expect(readdirSync(path.join(folder, '.uploads'))).toEqual([]);
  });

  it('are not saved from an invalid form', async () => {
    expect((await save(tone(100), 'sound')).status).toBe(400);
    const headers = { 'content-type': 'multipart/form-data' };
    const post = (body: string, more = headers) =>
      fetch(`${offhook.url}/save_recording`, { method: 'POST', headers: more, body });
    expect((await post('no boundary')).status).toBe(400);
    expect((await post('{}', { 'content-type': 'application/json' })).status).toBe(400);
    const cut = { 'content-type': 'multipart/form-data; boundary=x' };
    expect(
      (await post('--x\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\nRI', cut))
        .status,
    ).toBe(400);
    expect(readdirSync(path.join(folder, '.uploads'))).toEqual([]);
  });

  it('are never read from paths outside the directory', async () => {
    for (const name of [
      '..%2f..%2fpackage.json',
      '%2e%2e/x.wav',
      '.uploads',
      'x.txt',
      '..%5cx.wav',
      'a%00.wav',
    ])
      expect((await fetch(`${offhook.url}/recordings/${name}`)).status).toBe(404);
  });
});

describe('the transcript of a recording', () => {
  const addressOf = (name: string) => `${offhook.url}/recordings/${name}/transcript`;
  const put = (name: string, body: unknown) =>
    fetch(addressOf(name), {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const recorded = async () => ((await (await save(tone(500))).json()) as Listed).name;
  const detailOf = async (answer: Response) => ((await answer.json()) as { detail: string }).detail;

  it('is saved beside it on request, listed with it, replaced, read, and deleted with it', async () => {
    const name = await recorded();
    const text = name.replace('.wav', '.txt');
    expect((await fetch(addressOf(name))).status).toBe(404);
    for (const words of ['[00:01-00:02] Wörter.\n', '[00:01-00:03] Better words.\n']) {
      const answer = await put(name, { text: words });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ name, transcript: text });
      expect(readFileSync(path.join(folder, text), 'utf8')).toBe(words);
      const read = await fetch(addressOf(name));
      expect(read.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(read.headers.get('cache-control')).toBe('private, no-store');
      expect(await read.text()).toBe(words);
    }
    expect((await listed()).find((one) => one.name === name)).toMatchObject({ transcript: text });
    expect(readdirSync(path.join(folder, '.uploads'))).toEqual([]);
    expect((await fetch(`${offhook.url}/recordings/${name}`, { method: 'DELETE' })).status).toBe(204);
    expect(existsSync(path.join(folder, text))).toBe(false);
    expect((await fetch(addressOf(name))).status).toBe(404);
  });

  it('is plain text of limited length, for an existing recording only', async () => {
    const name = await recorded();
    expect(await detailOf(await put('recording_20200101_000000.wav', { text: 'x' }))).toBe(
      'There is no such recording.',
    );
    for (const [body, told] of [
      [{}, 'text'],
      [{ text: '' }, 'must not be empty'],
      [{ text: 7 }, 'must be one text'],
      [{ text: 'a\u0000b' }, 'plain text'],
      [{ text: 'x'.repeat(500_001) }, 'at most 500,000 characters'],
      [{ text: 'x', name: 'y' }, 'known are text'],
      ['{"text":', 'JSON'],
    ] as const) {
      const answer = await put(name, body);
      expect(answer.status).toBe(400);
      expect(await detailOf(answer)).toContain(told);
    }
    expect((await put(name, { text: 'x'.repeat(4_000_000) })).status).toBe(413);
    for (const path of ['..%2f..%2fpackage.json', 'x.txt', '..%5cx.wav', 'a%00.wav', '.uploads'])
      expect((await put(path, { text: 'x' })).status).toBe(404);
    expect(readdirSync(folder).filter((file) => file.endsWith('.txt'))).toEqual([]);
    expect(readdirSync(path.join(folder, '.uploads'))).toEqual([]);
  });

  it('does not remain if the recording is deleted at the same time', async () => {
    const names = await Promise.all(Array.from({ length: 8 }, recorded));
    await Promise.all(
      names.flatMap((name) => [
        put(name, { text: 'x' }),
        fetch(`${offhook.url}/recordings/${name}`, { method: 'DELETE' }),
      ]),
    );
    for (const name of names) expect(existsSync(path.join(folder, name.replace('.wav', '.txt')))).toBe(false);
  });
});

describe('the transcript of a saved recording', () => {
  let openAi: FakeOpenAi;
  let own: Offhook;
  beforeAll(async () => {
    openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
    own = await Offhook.start(settings(), { catalogue: true });
  });
  afterAll(async () => {
    await own.close();
    await openAi.close();
  });

  const settings = () => ({ OPENAI_API_KEY: 'x', OPENAI_BASE_URL: openAi.url });
  const INVOICE = 'caller-i-would-like-to-ask';
  const HOURS = 'caller-what-are-your-opening-hours';
  /** Both sentences, with pauses. */
  const spoken = () => {
    const parts = [INVOICE, HOURS].map((name) => recordedSpeechOf(name).pcm);
    const pcm = new Int16Array(8_000 * 12);
    pcm.set(parts[0]!, 8_000);
    pcm.set(parts[1]!, 8_000 * 6);
    return writeWav(pcm, 8_000);
  };
  const upload = async (on: Offhook, transcript?: string) => {
    const form = new FormData();
    form.append('audio', new Blob([spoken()]), 'a.wav');
    if (transcript !== undefined) form.append('transcript', transcript);
    return fetch(`${on.url}/save_recording`, { method: 'POST', body: form });
  };
  const nameOf = async (answer: Response) => ((await answer.json()) as Listed).name;
  const find = async (on: Offhook, name: string) => {
    const answer = await fetch(`${on.url}/list_recordings`);
    const { recordings } = (await answer.json()) as { recordings: (Listed & { transcription: string })[] };
    return recordings.find((one) => one.name === name);
  };
  const search = async (on: Offhook, query: string) => {
    const answer = await fetch(`${on.url}/api/search?${query}`);
    return (await answer.json()) as {
      hits: { name: string; startMs: number; recording: string }[];
      detail?: string;
    };
  };
  const isFound = (on: Offhook, words: string, name: string) => async () =>
    (await search(on, `q=${words}&type=microphone`)).hits.some((hit) => hit.name === name);

  it('is made by the server, with times and keywords, and found by its words', async () => {
    const answer = await upload(own);
    expect(answer.status).toBe(201);
    const kept = (await answer.json()) as Listed & { transcription: string };
    expect(kept.transcription).toBe('pending');
    await comesTrue('it is found', isFound(own, 'invoice', kept.name));
    expect(await find(own, kept.name)).toMatchObject({ transcription: 'done' });
    const text = readFileSync(own.fileOf(`recordings/${kept.name.replace('.wav', '.txt')}`), 'utf8');
    expect(text.split('\n').map((line) => line.replace(/^\[\d\d:\d\d-\d\d:\d\d\] /u, ''))).toEqual([
      recordedSpeechOf(INVOICE).text,
      recordedSpeechOf(HOURS).text,
      '',
    ]);
    const { hits } = await search(own, 'q=opening+hours');
    const hit = hits.find(({ name }) => name === kept.name)!;
    expect(Math.abs(hit.startMs - 6_000)).toBeLessThan(600);
    expect(hit.recording).toBe(`/recordings/${kept.name}`);
    const json = JSON.parse(
      readFileSync(own.fileOf(`recordings/${kept.name.replace('.wav', '.json')}`), 'utf8'),
    ) as { keywords: string[] };
    expect(json.keywords).toEqual(expect.arrayContaining(['invoice', 'opening', 'hours']));

    // A new name is the name of everything.
    const renamed = await fetch(`${own.url}/recordings/${kept.name}/name`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Invoice.wav' }),
    });
    expect(renamed.status).toBe(200);
    await comesTrue('it is found by its new name', isFound(own, 'invoice', 'Invoice.wav'));
    expect(await isFound(own, 'invoice', kept.name)()).toBe(false);
    const files = readdirSync(own.fileOf('recordings')).filter((file) => file.startsWith('Invoice'));
    expect(files.sort()).toEqual(['Invoice.json', 'Invoice.txt', 'Invoice.wav']);
    expect((await fetch(`${own.url}/recordings/Invoice.wav`, { method: 'DELETE' })).status).toBe(204);
    await comesTrue('it is gone', async () => !(await isFound(own, 'invoice', 'Invoice.wav')()));
    expect(readdirSync(own.fileOf('recordings')).filter((file) => file.startsWith('Invoice'))).toEqual([]);
  });

  it('may come from a page, with speakers; is none if none is wanted; the form says what it accepts', async () => {
    const before = openAi.requests.length;
    const [none, page] = [await nameOf(await upload(own, 'none')), await nameOf(await upload(own, 'page'))];
    const utterances = [{ startMs: 500, endMs: 1_500.5, text: '我要一张发票', speaker: 'A' }];
    const send = (body: unknown) =>
      fetch(`${own.url}/recordings/${page}/transcript`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await send({ utterances, language: 'zh' })).status).toBe(200);
    expect(readFileSync(own.fileOf(`recordings/${page.replace('.wav', '.txt')}`), 'utf8')).toBe(
      '[00:00-00:01] A: 我要一张发票\n',
    );
    await comesTrue('it is found', isFound(own, encodeURIComponent('发票'), page));
    const { hits } = await search(own, `q=${encodeURIComponent('发票')}`);
    expect(hits).toMatchObject([
      { type: 'microphone', name: page, speaker: 'A', startMs: 500, endMs: 1_500.5 },
    ]);
    expect(await find(own, none)).toMatchObject({ transcription: 'none' });
    for (const [body, detail] of [
      [{}, 'text: is missing: either text or utterances is sent.'],
      [{ utterances: [{ startMs: -1, endMs: 2, text: 'x' }] }, 'must be 0 or more'],
      [{ utterances, language: 'Chinese, I think' }, 'language: must be as in de or pt-BR.'],
    ] as const)
      expect(((await (await send(body)).json()) as { detail: string }).detail).toContain(detail);
    const wrong = await upload(own, 'perhaps');
    expect([wrong.status, ((await wrong.json()) as { detail: string }).detail]).toEqual([
      400,
      'transcript: must be one of server, page, none.',
    ]);
    expect(openAi.requests.length).toBe(before);
    expect((await search(own, 'q=x&type=microphone&number=1234')).detail).toContain('is a property of calls');
  });

  it('is made after a crash, and entered where the catalogue was lost', async () => {
    const folder = own.fileOf('recordings');
    const name = await nameOf(await upload(own, 'page'));
    const later = await Offhook.start(settings(), {
      catalogue: true,
      now: () => Date.now() + 600_000,
      prepare: async (directory) => {
        await mkdir(path.join(directory, 'recordings'));
        for (const ending of ['wav', 'json']) {
          const file = name.replace('wav', ending);
          await copyFile(path.join(folder, file), path.join(directory, 'recordings', file));
        }
      },
    });
    await comesTrue('it is found', isFound(later, 'invoice', name));
    await later.close();
  });
});

it('recordings older than MICROPHONE_RETENTION_DAYS are deleted with their transcripts, others stay', async () => {
  const own = await Offhook.start(
    { MICROPHONE_RETENTION_DAYS: '30' },
    {
      catalogue: true,
      now: () => Date.UTC(2026, 6, 31, 12),
      prepare: async (directory) => {
        const place = path.join(directory, 'recordings');
        await mkdir(place);
        for (const name of ['recording_20260630_100000', 'recording_20260702_100000']) {
          await writeFile(path.join(place, `${name}.wav`), tone(1_000));
          await writeFile(path.join(place, `${name}.txt`), 'An invoice.');
          await writeFile(path.join(place, `${name}.json`), '{}');
        }
      },
    },
  );
  try {
    await own.logs(/"expired microphone recordings deleted"/u);
    const left = readdirSync(own.fileOf('recordings')).filter((name) => !name.startsWith('.'));
    expect(left.sort()).toEqual(
      ['json', 'txt', 'wav'].map((ending) => `recording_20260702_100000.${ending}`),
    );
    const hits = async () =>
      (await (await fetch(`${own.url}/api/search?q=invoice`)).json()) as { hits: { name: string }[] };
    await comesTrue('the other is found', async () => (await hits()).hits.length === 1);
    expect((await hits()).hits[0]).toMatchObject({ name: 'recording_20260702_100000.wav' });
  } finally {
    await own.close();
  }
});

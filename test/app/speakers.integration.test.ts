import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { readAllScenarios } from '../../src/simulator/fixtures/scenario.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { comesTrue } from '../support/comes-true.ts';
import { Offhook } from '../support/test-server.ts';

const INVOICE = recordedSpeechOf('caller-i-would-like-to-ask');
const HOURS = recordedSpeechOf('caller-what-are-your-opening-hours');

/** A voice at 1 s and another one at 6 s. */
function twoVoices(): Uint8Array {
  const pcm = new Int16Array(8_000 * 12);
  pcm.set(INVOICE.pcm, 8_000);
  pcm.set(HOURS.pcm, 8_000 * 6);
  return writeWav(pcm, 8_000);
}

interface Saved {
  readonly name: string;
}

async function save(on: Offhook): Promise<string> {
  const form = new FormData();
  form.append('audio', new Blob([Buffer.from(twoVoices())]), 'a.wav');
  const answer = await fetch(`${on.url}/save_recording`, { method: 'POST', body: form });
  return ((await answer.json()) as Saved).name;
}

interface Hit {
  readonly name: string;
  readonly speaker?: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

async function hitsOf(on: Offhook, words: string): Promise<Hit[]> {
  const answer = await fetch(`${on.url}/api/search?q=${words}&type=microphone`);
  return ((await answer.json()) as { hits: Hit[] }).hits;
}

function formatsAsked({ requests }: FakeOpenAi): string[] {
  const asked = requests.filter(({ service }) => service === 'transcription');
  return asked.map(({ body }) => String(body['response_format']));
}

it('a recording of two voices is found with speakers, times and keywords; calls ask for plain text', async () => {
  const speakerOf = (text: string) => (text.includes('invoice') ? 'A' : 'B');
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios(), speakerOf });
  const settings = {
    OPENAI_API_KEY: 'x',
    OPENAI_BASE_URL: openAi.url,
    TRANSCRIPTION_MODEL: 'gpt-4o-transcribe-diarize',
  };
  const own = await Offhook.start(settings, { catalogue: true });
  try {
    const name = await save(own);
    await comesTrue('it is found', async () => (await hitsOf(own, 'invoice')).length === 1);
    const [invoice] = await hitsOf(own, 'invoice');
    const [hours] = await hitsOf(own, 'opening+hours');
    expect([invoice, hours]).toMatchObject([
      { name, speaker: 'A', text: INVOICE.text },
      { name, speaker: 'B', text: HOURS.text },
    ]);
    expect(Math.abs(invoice!.startMs - 1_000)).toBeLessThan(600);
    expect(Math.abs(hours!.startMs - 6_000)).toBeLessThan(600);
    expect(hours!.endMs - hours!.startMs).toBeGreaterThan(800);
    const file = (ending: string) =>
      readFileSync(own.fileOf(`recordings/${name.replace('wav', ending)}`), 'utf8');
    expect(
      file('txt')
        .split('\n')
        .map((line) => line.replace(/^\[[^\]]+\] /u, '')),
    ).toEqual([`A: ${INVOICE.text}`, `B: ${HOURS.text}`, '']);
    const { keywords } = JSON.parse(file('json')) as { keywords: string[] };
    expect(keywords).toEqual(expect.arrayContaining(['invoice', 'opening', 'hours']));
    const formats = formatsAsked(openAi);
    // The start asks every service once, as calls do.
    expect(formats.toSorted()).toEqual(['diarized_json', 'json']);
  } finally {
    await own.close();
    await openAi.close();
  }
});

it('a model that labels no speakers is asked once; its recordings are transcribed all the same', async () => {
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const settings = { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: openAi.url };
  const own = await Offhook.start(settings, { catalogue: true });
  try {
    for (const count of [1, 2]) {
      await save(own);
      await comesTrue('both are found', async () => (await hitsOf(own, 'invoice')).length === count);
    }
    const [hit] = await hitsOf(own, 'invoice');
    expect(hit).not.toHaveProperty('speaker');
    // One request at the start, two utterances in each recording.
    const plain = ['json', 'json', 'json', 'json', 'json'];
    expect(formatsAsked(openAi).toSorted()).toEqual(['diarized_json', ...plain, 'verbose_json']);
  } finally {
    await own.close();
    await openAi.close();
  }
});

import { jsonObject } from '../../src/simulator/json-object.ts';
import { type DiarizedSegment, refusedFormat } from './fake-diarization.ts';
import { messagesOf, streamedCompletion, tokensOf, wholeCompletion } from './chat-wire.ts';
import type { FakeOpenAiExchange } from './fake-openai-exchange.ts';
import type { Fault, ServiceName } from './fake-openai-faults.ts';
import { FaultSchedule } from './fake-openai-faults.ts';
import type { FakeOpenAiOptions, FakeOpenAiTiming, RequestSeen } from './fake-openai-options.ts';
import { FakeOpenAiResponses } from './fake-openai-responses.ts';
import { SPEECH_RATE_HZ, spokenText } from './spoken-text.ts';
import { streamedWavHeader } from './streamed-wav.ts';

const TIMING: FakeOpenAiTiming = {
  transcriptionMs: 150,
  firstTokenMs: 200,
  betweenTokensMs: 12,
  speechFirstMs: 150,
  speechTimesRealTime: 12,
};

/** Fields that OpenAI's transcription endpoint knows; others mean that the request is wrong. */
const TRANSCRIPTION_FIELDS = [
  ...['file', 'model', 'language', 'prompt', 'response_format', 'stream', 'temperature'],
  ...['timestamp_granularities[]', 'include[]', 'keywords[]', 'languages[]', 'chunking_strategy'],
  ...['known_speaker_names[]', 'known_speaker_references[]'],
];

/** An odd number, so that chunks end in the middle of a sample, as they do in life. */
const SPEECH_CHUNK_BYTES = 4801;

/** The four services and the list of models, each request checked as strictly as OpenAI does. */
export class FakeOpenAiRouter {
  readonly requests: RequestSeen[] = [];
  readonly faults = new FaultSchedule();
  readonly #options: FakeOpenAiOptions;
  readonly #timing: FakeOpenAiTiming;
  readonly #answers: FakeOpenAiResponses;
  readonly #startedAt = performance.now();

  constructor(options: FakeOpenAiOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#answers = new FakeOpenAiResponses(options);
  }

  async answer(exchange: FakeOpenAiExchange): Promise<void> {
    const { method, url, headers } = exchange.request;
    const { apiKey } = this.#options;
    if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`) {
      exchange.fail(401, 'Incorrect API key provided.');
      return;
    }
    const route = `${method ?? ''} ${(url ?? '').split('?')[0] ?? ''}`;
    if (route === 'GET /v1/models') await this.#models(exchange);
    else if (route === 'POST /v1/audio/transcriptions') await this.#transcribe(exchange);
    else if (route === 'POST /v1/chat/completions') await this.#chat(exchange);
    else if (route === 'POST /v1/audio/speech') await this.#speak(exchange);
    else exchange.fail(404, `Unknown request URL: ${route}`);
  }

  async #models(exchange: FakeOpenAiExchange): Promise<void> {
    const seen = this.#log('models', exchange, {});
    if (!(await exchange.begin(this.#fault(seen)))) return;
    const models = Object.entries(this.#options.models ?? {});
    const data = models.map(([id, shutdown_date]) => ({
      ...{ id, object: 'model', created: 1_700_000_000, owned_by: 'stand-in', shutdown_date },
    }));
    seen.answer = `${String(data.length)} models`;
    await exchange.json({ object: 'list', data });
  }

  async #transcribe(exchange: FakeOpenAiExchange): Promise<void> {
    const contentType = exchange.request.headers['content-type'] ?? '';
    const body = await exchange.body();
    const form = await new Response(body, { headers: { 'content-type': contentType } })
      .formData()
      .catch(() => undefined);
    const file = form?.get('file');
    if (!form || !(file instanceof File) || typeof form.get('model') !== 'string') {
      exchange.fail(400, 'A multipart form with file and model is wanted.');
      return;
    }
    const fields = Object.fromEntries([...form].filter(([name]) => name !== 'file'));
    const audio = new Uint8Array(await file.arrayBuffer());
    const seen = this.#log('transcription', exchange, { ...fields, fileName: file.name }, audio);
    const unknown = [...form.keys()].find((name) => !TRANSCRIPTION_FIELDS.includes(name));
    const refusal =
      unknown === undefined ? refusedFormat(fields, audio.length) : `Unknown parameter: '${unknown}'.`;
    if (refusal !== undefined) {
      exchange.fail(400, refusal);
      return;
    }
    if (!(await exchange.begin(this.#fault(seen)))) return;
    const isDiarized = fields['response_format'] === 'diarized_json';
    let text: string;
    let segments: DiarizedSegment[] | undefined;
    try {
      segments = isDiarized ? this.#answers.diarization(audio) : undefined;
      text = segments?.map((segment) => segment.text).join(' ') ?? this.#answers.transcription(audio);
    } catch {
      exchange.fail(400, 'Invalid file format.');
      return;
    }
    await exchange.wait(this.#timing.transcriptionMs);
    seen.answer = text;
    const seconds = Math.ceil(audio.length / 16_000);
    const usage = { type: 'duration', seconds };
    await exchange.json(
      segments ? { task: 'transcribe', duration: seconds, text, segments, usage } : { text, usage },
    );
  }

  async #chat(exchange: FakeOpenAiExchange): Promise<void> {
    const body = jsonObject(Buffer.from(await exchange.body()).toString());
    const messages = body && messagesOf(body);
    if (!body || !messages || typeof body['model'] !== 'string') {
      exchange.fail(400, 'A JSON object with model and messages is wanted.');
      return;
    }
    const asked = messages.findLastIndex(({ role }) => role !== 'user');
    const lastUserText = messages
      .slice(asked + 1)
      .map(({ text }) => text)
      .join(' ');
    const summing = messages.some(
      ({ role, text }) => /system|developer/.test(role) && /summari[sz]e/i.test(text),
    );
    const service = summing ? 'summary' : 'chat';
    const seen = this.#log(service, exchange, body);
    if (!(await exchange.begin(this.#fault(seen)))) return;
    const text = summing ? this.#answers.summary(lastUserText) : this.#answers.reply(lastUserText);
    seen.answer = text;
    await (body['stream'] === true ? this.#stream(exchange, body, text) : this.#whole(exchange, body, text));
  }

  async #whole(exchange: FakeOpenAiExchange, body: Record<string, unknown>, content: string): Promise<void> {
    await exchange.wait(this.#timing.firstTokenMs + tokensOf(content).length * this.#timing.betweenTokensMs);
    await exchange.json(wholeCompletion(body, content));
  }

  async #stream(exchange: FakeOpenAiExchange, body: Record<string, unknown>, content: string): Promise<void> {
    await exchange.wait(this.#timing.firstTokenMs);
    exchange.head('text/event-stream; charset=utf-8');
    for (const piece of streamedCompletion(body, content)) {
      if (!(await exchange.piece(piece))) return;
      await exchange.wait(this.#timing.betweenTokensMs);
    }
    exchange.end();
  }

  async #speak(exchange: FakeOpenAiExchange): Promise<void> {
    const body = jsonObject(Buffer.from(await exchange.body()).toString());
    const { input, model, voice, response_format: format } = body ?? {};
    if (
      typeof input !== 'string' ||
      typeof model !== 'string' ||
      !voice ||
      input === '' ||
      input.length > 4096
    ) {
      exchange.fail(400, 'model, voice and an input of 1 to 4096 characters are wanted.');
      return;
    }
    if (format !== 'pcm' && format !== 'wav') {
      exchange.fail(400, 'The stand-in speaks response_format pcm and wav only.');
      return;
    }
    const seen = this.#log('speech', exchange, body ?? {});
    if (!(await exchange.begin(this.#fault(seen)))) return;
    const pcm = spokenText(input, this.#options.tonesOnly);
    const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    seen.answer = `${String(Math.round((pcm.length / SPEECH_RATE_HZ) * 1000))} ms`;
    await exchange.wait(this.#timing.speechFirstMs);
    exchange.head(`audio/${format}`);
    if (format === 'wav' && !(await exchange.piece(streamedWavHeader(SPEECH_RATE_HZ)))) return;
    const chunkMs = SPEECH_CHUNK_BYTES / 2 / (SPEECH_RATE_HZ / 1000);
    for (let at = 0; at < bytes.length; at += SPEECH_CHUNK_BYTES) {
      if (!(await exchange.piece(bytes.subarray(at, at + SPEECH_CHUNK_BYTES)))) return;
      await exchange.wait(chunkMs / this.#timing.speechTimesRealTime);
    }
    exchange.end();
  }

  #fault({ service, body, audio }: RequestSeen): Fault | undefined {
    const { faultFor } = this.#options;
    const heard = faultFor && audio ? this.#answers.heardIn(audio) : '';
    return faultFor?.(service, body, heard) ?? this.faults.take(service);
  }

  #log(
    service: ServiceName,
    exchange: FakeOpenAiExchange,
    body: Readonly<Record<string, unknown>>,
    audio?: Uint8Array,
  ): RequestSeen {
    const atMs = performance.now() - this.#startedAt;
    const seen: RequestSeen = { service, atMs, body, ...(audio && { audio }), aborted: false };
    this.requests.push(seen);
    exchange.onAborted(() => {
      seen.aborted = true;
    });
    return seen;
  }
}

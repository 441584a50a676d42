import { pcm16Header } from '../../src/audio/wav/pcm16-header.ts';
import { writeWav } from '../../src/audio/wav/wav.ts';
import {
  type ChatBody,
  chunk,
  type CompatibleBehaviour,
  type CompatibleResponse,
  events,
  json,
  REPLY,
  SPEECH_HZ,
  spoken,
  tone,
} from './compatible-server.ts';

export interface KnownServer {
  /** The documentation or source that the behaviour is taken from. */
  readonly source: string;
  readonly services: readonly ('chat' | 'speech' | 'transcription')[];
  readonly behaviour: CompatibleBehaviour;
  /** How the server reports a failure in a stream that began well, and its own message. */
  readonly brokenStream?: { readonly response: CompatibleResponse; readonly message: string };
}

const WORDS = 'I would like to ask about an invoice.';
const raw = Buffer.from(tone().buffer);
const wav = (): CompatibleResponse => ({ type: 'audio/wav', body: writeWav(tone(), SPEECH_HZ) });
const pcm = (): CompatibleResponse => ({ type: 'audio/pcm', body: raw });
const words = (): CompatibleResponse => json({ text: WORDS });
const refusal = (status: number, message: string, more: object = {}): CompatibleResponse =>
  json({ error: { message, type: 'invalid_request_error', param: null, code: null, ...more } }, status);

/** A header whose length fields are not known when it is written. */
function streamedWav(riffBytes: number, dataBytes: number): CompatibleResponse {
  const header = Buffer.from(pcm16Header(SPEECH_HZ, 1, 0));
  header.writeUInt32LE(riffBytes, 4);
  header.writeUInt32LE(dataBytes, 40);
  return { type: 'audio/wav', body: Buffer.concat([header, raw]) };
}

/** Templates of Gemma and Mistral: at most one system message, then user and assistant in turns. */
function takesTurns({ messages }: ChatBody): boolean {
  const turns = messages[0]?.role === 'system' ? messages.slice(1) : messages;
  return turns.every(({ role }, n) => role === (n % 2 === 0 ? 'user' : 'assistant'));
}

const ALTERNATE = 'Conversation roles must alternate user/assistant/user/assistant/...';
const THOUGHT = chunk({ role: 'assistant', content: '', reasoning: 'The caller wants the hours.' });

/** Servers that offhook is known to work with, each with what is particular about it. */
export const KNOWN_SERVERS: Readonly<Record<string, KnownServer>> = {
  OpenAI: {
    source: 'https://developers.openai.com/api/reference',
    services: ['chat', 'speech', 'transcription'],
    behaviour: {
      chat: (body) =>
        'reasoning_effort' in body
          ? refusal(400, "Unsupported parameter: 'reasoning_effort' is not supported with this model.", {
              param: 'reasoning_effort',
            })
          : spoken(),
      speech: ({ response_format: format }) =>
        format === 'pcm' ? pcm() : streamedWav(0xffffffff, 0xffffffff),
      transcription: () => json({ text: WORDS, usage: { type: 'duration', seconds: 2 } }),
    },
  },
  'Azure OpenAI': {
    source:
      'https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter (prompt_filter_results in the first chunk)',
    services: ['chat', 'speech', 'transcription'],
    behaviour: {
      chat: () =>
        events(
          '{"id":"","object":"","model":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]}',
          chunk({ content: REPLY }),
          chunk({}, 'stop'),
        ),
      speech: wav,
      transcription: words,
    },
  },
  Groq: {
    source: 'https://console.groq.com/docs/text-to-speech (response_format: wav alone)',
    services: ['chat', 'speech', 'transcription'],
    behaviour: {
      chat: () =>
        events(
          chunk({ role: 'assistant', content: '' }),
          chunk({ content: REPLY }),
          '{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"total_tokens":9}}}',
        ),
      speech: ({ response_format: format }) =>
        format === 'wav' ? wav() : refusal(400, 'response_format must be one of [wav]'),
      transcription: () => json({ text: ` ${WORDS}`, x_groq: { id: 'req' } }),
    },
  },
  OpenRouter: {
    source: 'https://openrouter.ai/docs/api/reference/streaming (comments, errors within the stream)',
    services: ['chat'],
    behaviour: {
      chat: () => ({
        type: 'text/event-stream',
        body: `: OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n${spoken().body as string}`,
      }),
    },
    brokenStream: {
      response: events(
        chunk({ content: 'We are open ' }),
        JSON.stringify({
          ...{ id: 'c', object: 'chat.completion.chunk', model: 'm', provider: 'openai' },
          error: { code: 'server_error', message: 'Provider disconnected unexpectedly' },
          choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
        }),
      ),
      message: 'Provider disconnected unexpectedly',
    },
  },
  Ollama: {
    source: 'https://docs.ollama.com/api/openai-compatibility (thinking in `reasoning`)',
    services: ['chat'],
    behaviour: {
      chat: () => events(THOUGHT, chunk({ role: 'assistant', content: REPLY }), chunk({}, 'stop')),
    },
  },
  vLLM: {
    source:
      'https://github.com/vllm-project/vllm/issues/6862 and https://docs.vllm.ai/en/latest/serving/openai_compatible_server/',
    services: ['chat', 'transcription'],
    behaviour: {
      chat: (body) =>
        takesTurns(body)
          ? spoken()
          : json(
              { object: 'error', message: ALTERNATE, type: 'BadRequestError', param: null, code: 400 },
              400,
            ),
      transcription: () => ({
        type: 'application/json',
        body: JSON.stringify({ text: WORDS, usage: { type: 'duration', seconds: 3 } }),
      }),
    },
  },
  'llama.cpp': {
    source:
      'https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md (template errors with 500; timings without choices)',
    services: ['chat'],
    behaviour: {
      chat: (body) =>
        takesTurns(body)
          ? events(
              chunk({ role: 'assistant', content: null }),
              chunk({ content: REPLY }),
              chunk({}, 'stop'),
              '{"choices":[],"timings":{"predicted_n":6}}',
            )
          : json(
              { error: { code: 500, message: `Jinja Exception: ${ALTERNATE}`, type: 'server_error' } },
              500,
            ),
    },
  },
  'LM Studio': {
    source: 'https://lmstudio.ai/docs/developer/openai-compat (errors as a string)',
    services: ['chat'],
    behaviour: {
      chat: (body) =>
        'reasoning_effort' in body
          ? json({ error: "Unrecognized key(s) in object: 'reasoning_effort'" }, 400)
          : spoken(),
    },
  },
  LiteLLM: {
    source: 'https://docs.litellm.ai/docs/completion/drop_params',
    services: ['chat', 'speech', 'transcription'],
    behaviour: {
      chat: (body) =>
        'reasoning_effort' in body
          ? refusal(
              400,
              "litellm.UnsupportedParamsError: ollama does not support parameters: ['reasoning_effort'], for model=gemma3.",
              { code: '400' },
            )
          : events(
              chunk({ content: REPLY, role: 'assistant' }),
              chunk({}, 'stop'),
              '{"id":"c","object":"chat.completion.chunk","usage":{"prompt_tokens":9}}',
            ),
      speech: wav,
      transcription: words,
    },
  },
  speaches: {
    source: 'https://speaches.ai/usage/ (language codes, errors as `detail`)',
    services: ['speech', 'transcription'],
    behaviour: {
      speech: ({ response_format: format }) => (format === 'wav' ? wav() : pcm()),
      transcription: ({ language }) =>
        language === 'xx'
          ? json({ detail: [{ loc: ['body', 'language'], msg: "Input should be 'en'", type: 'enum' }] }, 422)
          : words(),
    },
  },
  'Kokoro-FastAPI': {
    source: 'https://github.com/remsky/Kokoro-FastAPI (streamed WAV headers; a file for each part of a text)',
    services: ['speech'],
    behaviour: {
      speech: () => {
        const half = writeWav(tone(SPEECH_HZ, 1.5), SPEECH_HZ);
        return { type: 'audio/wav', body: Buffer.concat([half, half]) };
      },
    },
  },
  'whisper.cpp': {
    source:
      'https://github.com/ggml-org/whisper.cpp/blob/master/examples/server/README.md (--inference-path /v1/audio/transcriptions)',
    services: ['transcription'],
    behaviour: {
      transcription: () => ({ type: 'application/json', body: JSON.stringify({ text: ` ${WORDS}\n` }) }),
    },
  },
  'faster-whisper-server': {
    source: 'https://github.com/fedirz/faster-whisper-server (the predecessor of speaches)',
    services: ['transcription'],
    behaviour: {
      transcription: ({ language, response_format: format }) => {
        if (language === 'xx') return json({ detail: "'xx' is not a valid language code" }, 500);
        return format === 'json' ? words() : { type: 'text/plain; charset=utf-8', body: WORDS };
      },
    },
  },
};

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTranscription } from '../../../src/openai/transcription/transcription-response.ts';
import { PROPERTY_RUNS } from '../../support/portions.ts';

const WORDS = 'I would like to ask about an invoice.';

describe('readTranscription', () => {
  test.each([
    ['JSON', `{"text":"${WORDS}"}`, 'application/json'],
    // vllm-project/vllm#49095, Nyralei/whisperx-api-server#4, ai-dynamo/aiperf PR 1404: type and body differ.
    ['JSON labelled as a page', `{"text":"${WORDS}"}`, 'text/html; charset=utf-8'],
    ['JSON without a label', `{"text":" ${WORDS} "}`, ''],
    ['plain text', `${WORDS}\n`, 'text/plain'],
    ['plain text labelled as JSON', WORDS, 'application/json'],
    ['a JSON string', `"${WORDS}"`, 'application/json'],
    ['a byte order mark', `\uFEFF{"text":"${WORDS}"}`, 'application/json'],
    // ggml-org/whisper.cpp PR 1781, ROCm/FastFlowLM PR 510, radicalbit/radicalbit-ai-gateway PR 53
    [
      'verbose JSON',
      JSON.stringify({ task: 'transcribe', language: 'en', text: WORDS, segments: [{ text: 'x' }] }),
      'application/json',
    ],
    // SYSTRAN/faster-whisper and its servers: an empty or missing text beside segments.
    ['segments beside no text', JSON.stringify({ text: null, segments: [{ text: WORDS }] }), ''],
    ['segments beside an empty text', JSON.stringify({ text: '', segments: [{ text: WORDS }] }), ''],
    ['chunks beside no text (transformers)', JSON.stringify({ text: null, chunks: [{ text: WORDS }] }), ''],
    [
      'channels with alternatives (Deepgram)',
      JSON.stringify({
        results: { channels: [{ alternatives: [{ transcript: WORDS }, { transcript: 'x' }] }] },
      }),
      '',
    ],
    [
      'a JSON sequence (RFC 7464)',
      `\u001e{"text":"I would like"}\n\u001e{"text":"to ask about an invoice."}\n`,
      '',
    ],
    ['JSON values without line feeds', `{"text":"I would like"}{"text":"to ask about an invoice."}`, ''],
    ['data in an envelope', JSON.stringify({ code: 0, data: { text: WORDS } }), ''],
    [
      'transcription beside result (whisper.cpp)',
      JSON.stringify({ result: { language: 'en' }, transcription: [{ text: WORDS }] }),
      '',
    ],
    ['words alone', JSON.stringify({ words: WORDS.split(' ').map((word) => ({ word })) }), ''],
    ['an unknown token', `<unk> ${WORDS}`, 'text/plain'],
    ['Qwen3-ASR', `language English<asr_text>${WORDS}`, 'text/plain'],
    ['nested segments', JSON.stringify({ segments: { segments: [{ text: WORDS }] } }), ''],
    ['result (FunASR)', JSON.stringify({ result: WORDS }), ''],
    ['JSON lines', `{"text":"I would like"}\n{"text":"to ask about an invoice."}\n`, 'application/x-ndjson'],
    [
      'events after a comment (EventSource standard)',
      `: ping\n\ndata: {"text":"${WORDS}"}\n\n`,
      'text/plain',
    ],
    // FunAudioLLM/SenseVoice: README, "rich transcription".
    ['tags of SenseVoice', `{"text":"<|en|><|NEUTRAL|><|Speech|><|woitn|>${WORDS}"}`, ''],
    // ggml-org/whisper.cpp: examples/cli
    ['times of whisper.cpp', `[00:00:00.000 --> 00:00:02.000]   ${WORDS}\n`, 'text/plain'],
    [
      'silence within the words (whisper.cpp)',
      `{"text":"I would like [BLANK_AUDIO] to ask about an invoice."}`,
      '',
    ],
    [
      'segments alone (whisperX)',
      JSON.stringify({ segments: [{ text: ' I would like' }, { text: ' to ask about an invoice.' }] }),
      '',
    ],
    [
      'a list of segments',
      JSON.stringify([{ text: 'I would like' }, { text: 'to ask about an invoice.' }]),
      '',
    ],
    ['results (Deepgram-like)', JSON.stringify({ results: [{ transcript: WORDS }] }), ''],
    ['transcription', JSON.stringify({ transcription: WORDS }), ''],
    [
      'WebVTT',
      `WEBVTT\n\n00:00.000 --> 00:01.500\nI would like\n\n00:01.500 --> 00:02.000\nto ask about an invoice.\n`,
      'text/vtt',
    ],
    // https://www.w3.org/TR/webvtt1/; dubr1k/GigaAMGUI#43
    [
      'WebVTT with fields and tags',
      `WEBVTT\nKind: captions\nLanguage: en\n\n00:00.000 --> 00:01.500 align:start\n<v Anna>I would<00:00:00.500><c> like</c>\n\n00:01.500 --> 00:02.000\n<v.loud Anna>to ask about an invoice.</v>\n`,
      'text/vtt',
    ],
    // openai/whisper: whisper/utils.py, `WriteTSV`
    [
      'a table with times (whisper)',
      'start\tend\ttext\n0\t1500\tI would like\n1500\t2000\tto ask about an invoice.\n',
      'text/tab-separated-values',
    ],
    // SYSTRAN/faster-whisper: README; iBUHub/AIStudioToAPI#234
    ['times in seconds (faster-whisper)', `[0.00s -> 2.00s]  ${WORDS}\n`, 'text/plain'],
    ['times with another arrow', `[00:00.000 -> 00:02.000] ${WORDS}\n`, 'text/plain'],
    // m-bain/whisperX: whisperx/utils.py
    ['speakers of whisperX', `[SPEAKER_00]: ${WORDS}`, 'text/plain'],
    [
      'chunks as of chat (vLLM)',
      'data: {"object":"transcription.chunk","choices":[{"delta":{"content":"I would like to ask about an in"}}]}\n\ndata: {"object":"transcription.chunk","choices":[{"delta":{"content":"voice."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
      'text/event-stream',
    ],
    [
      'combined phrases (Azure)',
      JSON.stringify({ durationMilliseconds: 9, combinedPhrases: [{ text: WORDS }], phrases: [] }),
      '',
    ],
    ['a list of texts', JSON.stringify({ text: ['I would like', 'to ask about an invoice.'] }), ''],
    ['SubRip', `1\r\n00:00:00,000 --> 00:00:02,000\r\n${WORDS}\r\n\r\n`, 'application/x-subrip'],
    [
      'events of OpenAI',
      `data: {"type":"transcript.text.delta","delta":"I"}\n\ndata: {"type":"transcript.text.done","text":"${WORDS}"}\n\n`,
      'text/event-stream',
    ],
    [
      'deltas alone',
      `data: {"type":"transcript.text.delta","delta":"I would like"}\n\ndata: {"type":"transcript.text.delta","delta":" to ask about an invoice."}\n\n`,
      '',
    ],
    [
      'events of segments (speaches)',
      `data: {"text":"I would like"}\n\ndata: {"text":"to ask about an invoice."}\n\n`,
      'text/event-stream',
    ],
  ])('reads %s', (_, body, contentType) => {
    expect(readTranscription(body, contentType)).toEqual({ kind: 'text', text: WORDS });
  });

  test.each([
    ['{"text":""}', 'application/json'],
    ['{"text":null}', 'application/json'],
    ['{"segments":[]}', 'application/json'],
    ['""', 'application/json'],
    ['', 'text/plain'],
  ])('%s as %s means that nothing was said', (body, contentType) => {
    expect(readTranscription(body, contentType)).toEqual({ kind: 'text', text: '' });
  });

  test.each([
    [
      'a page',
      '<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>',
      'text/html',
      'an HTML page: Just a moment...',
    ],
    [
      'an error (whisper.cpp)',
      '{"error":"failed to read audio data"}',
      'application/json',
      'failed to read audio data',
    ],
    ['a detail', '{"detail":"Model is loading"}', 'application/json', 'Model is loading'],
    ['an error event', 'data: {"error":{"message":"overloaded"}}\n\n', 'text/event-stream', 'overloaded'],
    ['JSON without a text', '{"status":"ok"}', 'application/json', 'JSON without words'],
    ['damaged JSON', '{"text":"I wou', 'application/json', 'damaged JSON'],
    ['nothing where JSON is promised', '', 'application/json', 'an empty response'],
  ])('takes %s for an error, never for silence', (_, body, contentType, message) => {
    expect(readTranscription(body, contentType)).toMatchObject({ kind: 'error', error: { message } });
  });

  // tmoroney/auto-subs#213, Nyralei/whisperx-api-server#36: probabilities that are not a number.
  test('reads JSON with NaN and Infinity beside the words', () => {
    const body = '{"text":"Is NaN a number?","segments":[{"avg_logprob":NaN,"no_speech_prob":-Infinity}]}';
    expect(readTranscription(body, 'application/json')).toEqual({ kind: 'text', text: 'Is NaN a number?' });
  });

  test('returns every text that JSON can carry, and throws for nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(readTranscription(JSON.stringify({ text }), '')).toEqual({ kind: 'text', text: text.trim() });
      }),
      { numRuns: PROPERTY_RUNS },
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        fc.constantFrom('', 'application/json', 'text/plain'),
        (body, type) => {
          readTranscription(body, type);
        },
      ),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test.each([
    [
      '<!-- interstitial -->\n<html><body><h1>You are about to visit</h1></body></html>',
      'You are about to visit',
    ],
    ['<script>location="/login"</script>Sign in', 'Sign in'],
    ['<meta http-equiv="refresh" content="0;url=/login">', 'an HTML page'],
    ['<center><h1>502 Bad Gateway</h1></center>', '502 Bad Gateway'],
    ['<Error><Code>AccessDenied</Code></Error>', 'AccessDenied'],
    ['{"text":"I would like to ask ab', 'damaged JSON'],
    ['Internal Server Error', 'Internal Server Error'],
    ['rate limit exceeded', 'rate limit exceeded'],
    ['Rate limit reached for whisper-1. Try again in 20 s.', 'Rate limit reached'],
    ['404 page not found\n', '404 page not found'],
    ['429 Too Many Requests', '429 Too Many Requests'],
    ['Not Found', 'Not Found'],
    ['model "whisper-1" not found', 'not found'],
    ['invalid api key', 'invalid api key'],
    ['no healthy upstream', 'no healthy upstream'],
    ['error code: 502', 'error code: 502'],
    ['RuntimeError: CUDA out of memory', 'CUDA out of memory'],
    ['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.', 'CUDA out of memory'],
    ['upstream connect error or disconnect/reset before headers', 'upstream connect error'],
    ['{"status":"queued","text":""}', 'no text: '],
    ['{"success":false,"text":""}', 'no text: '],
    ['{"text":"","error":"CUDA out of memory"}', 'CUDA out of memory'],
    ['{"text":"","error":{"message":"CUDA out of memory"}}', 'CUDA out of memory'],
    ['event: error\ndata: CUDA out of memory\n\n', 'CUDA out of memory'],
  ])('takes %j for an error, whatever its label', (body, words) => {
    for (const type of ['', 'text/plain', 'text/html; charset=utf-8', 'application/json'])
      expect(readTranscription(body, type)).toMatchObject({
        kind: 'error',
        error: { message: expect.stringContaining(words) as string },
      });
  });

  test.each(['3.50', '49301234567890123456', '1e5', '007', '4711'])(
    'keeps the plain number %s as it is',
    (text) => {
      expect(readTranscription(`${text}\n`, 'text/plain')).toEqual({ kind: 'text', text });
    },
  );

  test.each([
    'It says: internal server error.',
    'I paid < 5 and > 3.',
    '[laughs] Yes.',
    'Error codes are 5 and 7.',
    '450 Main Street.',
    '404 euros.',
    'The error code is 502.',
    'My error: I paid twice.',
    'Not found.',
    'Rate limits are what I am calling about.',
    'The model was not found in your shop.',
    'Resource planning is what I do, and I could not find you.',
    'Gone',
    'Service unavailable since Monday, can you help?',
    'Quota for my phone plan was exceeded.',
    'Unauthorized charge on my card',
    'Model 12 was not found on my invoice',
    'Bad gateway is on my screen',
  ])('keeps the words %j', (text) => {
    expect(readTranscription(text, 'text/plain')).toEqual({ kind: 'text', text });
  });
});

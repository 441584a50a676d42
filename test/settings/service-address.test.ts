import { describe, expect, test } from 'vitest';
import { readSettings } from '../../src/settings/settings.ts';

function read(address: string) {
  return readSettings({ CHAT_BASE_URL: address, CHAT_API_KEY: 'k' }, { dotEnv: {}, audioConfig: {} }, '/srv');
}

function baseUrlOf(address: string): string {
  const result = read(address);
  if (!result.ok) throw new Error(result.errors.join());
  return result.settings.chat!.baseUrl;
}

describe('the address of a service', () => {
  test.each([
    ['http://localhost:11434/v1', 'http://localhost:11434/v1'],
    ['http://localhost:11434/v1/', 'http://localhost:11434/v1'],
    ['http://localhost:11434', 'http://localhost:11434/v1'],
    ['http://localhost:11434/', 'http://localhost:11434/v1'],
    ['http://0.0.0.0:8000/v1', 'http://127.0.0.1:8000/v1'],
    ['http://[::]:8000/v1', 'http://[::1]:8000/v1'],
    ['https://api.openai.com/v1/chat/completions', 'https://api.openai.com/v1'],
    ['http://whisper:8000/v1/audio/transcriptions/', 'http://whisper:8000/v1'],
    // From the documentation of Groq, Gemini, OpenRouter, DeepInfra, Perplexity and GitHub Models.
    ['https://api.groq.com/openai/v1', 'https://api.groq.com/openai/v1'],
    [
      'https://generativelanguage.googleapis.com/v1beta/openai/',
      'https://generativelanguage.googleapis.com/v1beta/openai',
    ],
    ['https://openrouter.ai/api/v1/chat/completions', 'https://openrouter.ai/api/v1'],
    ['https://api.deepinfra.com/v1/openai', 'https://api.deepinfra.com/v1/openai'],
    ['https://api.perplexity.ai', 'https://api.perplexity.ai'],
    ['https://api.perplexity.ai/chat/completions', 'https://api.perplexity.ai'],
    ['https://models.inference.ai.azure.com', 'https://models.inference.ai.azure.com'],
    ['https://api.groq.com', 'https://api.groq.com/openai/v1'],
    ['https://api.groq.com/v1', 'https://api.groq.com/openai/v1'],
    ['https://openrouter.ai', 'https://openrouter.ai/api/v1'],
    ['https://generativelanguage.googleapis.com', 'https://generativelanguage.googleapis.com/v1beta/openai'],
    // vectorize-io/hindsight#49, leookun/cursor-byok#166, NevaMind-AI/memU#325; Alibaba Cloud's documentation of Model Studio
    ['https://api.z.ai', 'https://api.z.ai/api/paas/v4'],
    ['https://api.z.ai/api/coding/paas/v4', 'https://api.z.ai/api/coding/paas/v4'],
    ['https://open.bigmodel.cn/v1', 'https://open.bigmodel.cn/api/paas/v4'],
    ['https://dashscope-intl.aliyuncs.com', 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1'],
    // docs.ollama.com/api: the paths of Ollama's own interface
    ['http://localhost:11434/api', 'http://localhost:11434/v1'],
    ['http://ollama.lan/api/chat', 'http://ollama.lan/v1'],
    ['http://gateway.lan/api', 'http://gateway.lan/api'],
    ['http://localhost:8000/v1/models', 'http://localhost:8000/v1'],
  ])('%s is used as %s', (written, used) => {
    expect(baseUrlOf(written)).toBe(used);
  });

  test.each([
    [
      'https://n.openai.azure.com/openai/deployments/d?api-version=2024-10-21',
      '/openai/deployments/d',
      '2024-10-21',
    ],
    [
      'https://n.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-01-01-preview',
      '/openai/deployments/d',
      '2025-01-01-preview',
    ],
    // Azure/azure-rest-api-specs#24869: resources without a name of their own have the endpoint of their region.
    ['https://westus.api.cognitive.microsoft.com/', '/openai/v1', undefined],
    [
      'https://eastus.api.cognitive.microsoft.com/openai/deployments/d?api-version=2024-10-21',
      '/openai/deployments/d',
      '2024-10-21',
    ],
    // microsoft/mcp#862: the endpoint of a project; vercel/ai#16917: its interface of OpenAI
    ['https://n.services.ai.azure.com/api/projects/p', '/openai/v1', undefined],
    ['https://n.services.ai.azure.com/api/projects/p/openai/v1', '/api/projects/p/openai/v1', undefined],
    ['https://n.openai.azure.com/openai/v1/', '/openai/v1', undefined],
    ['https://n.openai.azure.com/openai/v1?api-version=preview', '/openai/v1', 'preview'],
    ['https://n.openai.azure.com', '/openai/v1', undefined],
    ['https://n.cognitiveservices.azure.com/openai', '/openai/v1', undefined],
    [
      'https://n.services.ai.azure.com/models?api-version=2024-05-01-preview',
      '/models',
      '2024-05-01-preview',
    ],
  ])('of Azure: %s', (written, path, version) => {
    const result = read(written);
    expect(result).toMatchObject({
      ok: true,
      settings: { chat: { baseUrl: new URL(path, written).href, keyHeader: 'api-key', apiKey: 'k' } },
    });
    expect(result.ok && result.settings.chat?.query).toEqual(version && { 'api-version': version });
  });

  test('of Azure API Management is sent the key as api-key', () => {
    expect(read('https://n.azure-api.net/openai/v1')).toMatchObject({
      ok: true,
      settings: { chat: { baseUrl: 'https://n.azure-api.net/openai/v1', keyHeader: 'api-key' } },
    });
  });

  test.each([
    'https://n.openai.azure.com/openai/deployments/d',
    'https://n.openai.azure.com?api-version=2024-10-21',
    'https://example.com/v1?key=1',
    'https://user:pw@example.com/v1',
    'ftp://example.com',
    'localhost:11434',
  ])('%s is refused with one sentence', (written) => {
    const result = read(written);
    expect(result.ok ? [] : result.errors).toEqual([
      expect.stringMatching(
        /^CHAT_BASE_URL is .*; it must be .*api-version=VERSION\.(?: Did you mean http:\/\/localhost:11434\?)?$/,
      ),
    ]);
  });
});

describe('PUBLIC_URL', () => {
  const urlOf = (address: string) => {
    const result = readSettings({ PUBLIC_URL: address }, { dotEnv: {}, audioConfig: {} }, '/srv');
    return result.ok ? result.settings.publicUrl?.href : result.errors[0];
  };

  test.each([
    ['https://phone.example.com/', 'https://phone.example.com/'],
    ['https://h.example/offhook/', 'https://h.example/offhook/'],
    ['https://PHONE.example.com:443', 'https://phone.example.com/'],
  ])('%s is used as %s', (written, used) => {
    expect(urlOf(written)).toBe(used);
  });

  test('that is an address to listen on is refused', () => {
    expect(urlOf('http://0.0.0.0:8000')).toMatch(/which others can reach,/);
  });

  test.each([
    'https://phone.example.com/incoming-call',
    'https://h.example/offhook/incoming-call/',
    'https://phone.example.com/call-status',
  ])('%s is refused, because it is the address of a webhook', (address) => {
    expect(urlOf(address)).toMatch(/without the path of a webhook such as \/incoming-call\.$/);
  });
});

test.each([
  ['CHAT_BASE_URL', 'http://localhost:6000/v1'],
  ['SPEECH_BASE_URL', 'http://tts:5060'],
  ['TRANSCRIPTION_BASE_URL', 'http://127.0.0.1:10080/v1'],
])('%s=%s: a port that browsers do not open is accepted', (name, address) => {
  expect(readSettings({ [name]: address }, { dotEnv: {}, audioConfig: {} }, '/srv')).toMatchObject({
    ok: true,
  });
});

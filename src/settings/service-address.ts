import { z } from 'zod';
import type { ValueType } from './value-types.ts';

/** The address of a service with OpenAI's protocol. */
export interface ServiceAddress {
  /** With its version, as in `https://api.openai.com/v1`, without a slash at the end. */
  readonly baseUrl: string;
  /** Sent with every request. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Absent: `Authorization: Bearer`. */
  readonly keyHeader?: 'api-key' | undefined;
}

/** https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle */
const AZURE =
  /\.(openai\.azure|cognitiveservices\.azure|services\.ai\.azure)\.(com|us|cn)$|\.api\.cognitive\.(microsoft\.com|azure\.cn|microsoft\.us)$/;
/** The endpoint of a project, as the portal of Foundry shows it. Its models are served by the resource, too. */
const FOUNDRY_PROJECT = /^\/api\/projects\/[^/]+$/;
const DEPLOYMENT = /^\/openai\/deployments\/[^/]+$/;
/** Paths of single requests, which are often copied from examples. */
const ENDPOINT =
  /\/(chat\/completions|completions|responses|audio\/(transcriptions|translations|speech)|(?<=\/v\d+\/)(models|embeddings))$/;
/** Ollama's own interface, beside the compatible one: https://docs.ollama.com/api/openai-compatibility */
const OLLAMA_PATH = /^\/api\/(chat|generate|tags)$/;
const OLLAMA_PORT = '11434';
/** Services whose compatible interface is not at `/v1`, from their documentation. */
const KNOWN_PATHS: Readonly<Record<string, string>> = {
  'api.groq.com': '/openai/v1',
  'openrouter.ai': '/api/v1',
  'generativelanguage.googleapis.com': '/v1beta/openai',
  'api.fireworks.ai': '/inference/v1',
  'api.deepinfra.com': '/v1/openai',
  'dashscope.aliyuncs.com': '/compatible-mode/v1',
  'dashscope-intl.aliyuncs.com': '/compatible-mode/v1',
  'api.z.ai': '/api/paas/v4',
  'open.bigmodel.cn': '/api/paas/v4',
};
/** https://learn.microsoft.com/azure/api-management/azure-openai-api-from-specification */
const API_MANAGEMENT = /\.azure-api\.net$/;
/** Services whose paths begin at the root, from their documentation. */
const WITHOUT_VERSION = new Set(['api.perplexity.ai', 'models.inference.ai.azure.com']);

/** Completes addresses as people write them; one that cannot be meant is refused. */
export const serviceAddress: ValueType<ServiceAddress> = {
  accepts:
    'an address like https://example.com/v1, without user name; of Azure https://NAME.openai.azure.com/openai/v1, or https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT?api-version=VERSION',
  schema: z
    .string()
    .refine((address) => URL.canParse(address), { abort: true })
    .transform((address) => new URL(address))
    .refine(({ protocol }) => /^https?:$/.test(protocol))
    .refine(({ hash, username, password }) => hash + username + password === '')
    .refine(({ searchParams }) => [...searchParams.keys()].every((name) => name === 'api-version'), {
      abort: true,
    })
    .transform(completed)
    .refine((address) => address !== undefined, { abort: true })
    .transform((address) => address),
};

function completed(address: URL): ServiceAddress | undefined {
  const written = address.pathname.replace(/\/+$/, '');
  const path = written.replace(ENDPOINT, '');
  const version = address.searchParams.get('api-version') ?? undefined;
  const query = version === undefined ? undefined : { 'api-version': version };
  const origin = `${address.protocol}//${reachable(address)}`;
  if (!AZURE.test(address.hostname)) {
    const keyHeader = API_MANAGEMENT.test(address.hostname) ? 'api-key' : undefined;
    return { baseUrl: `${origin}${compatiblePath(address, path)}`, query, keyHeader };
  }
  const isRoot = ['', '/openai', '/v1'].includes(path) || FOUNDRY_PROJECT.test(path);
  const azurePath = isRoot ? '/openai/v1' : path;
  // The versions by date need a deployment, and deployments need a version.
  if (DEPLOYMENT.test(azurePath) && version === undefined) return undefined;
  if (azurePath === '/openai/v1' && version !== undefined && /^\d/.test(version)) return undefined;
  return { baseUrl: `${origin}${azurePath}`, query, keyHeader: 'api-key' };
}

/** The path of the compatible interface, where another one of the same server was written. */
function compatiblePath({ hostname, port }: URL, path: string): string {
  const known = KNOWN_PATHS[hostname];
  if (known !== undefined && (path === '/v1' || known.startsWith(`${path}/`))) return known;
  if (WITHOUT_VERSION.has(hostname)) return path;
  const isOllama = OLLAMA_PATH.test(path) || (path === '/api' && port === OLLAMA_PORT);
  return path === '' || isOllama ? '/v1' : path;
}

/** Servers print the address that they listen on, which not every system connects to. */
function reachable({ hostname, host }: URL): string {
  if (hostname === '0.0.0.0') return host.replace('0.0.0.0', '127.0.0.1');
  return hostname === '[::]' ? host.replace('[::]', '[::1]') : host;
}

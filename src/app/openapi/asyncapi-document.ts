import type { z } from 'zod';
import { schemaOf } from '../../http/json-schema.ts';
import { ASYNCAPI_SECURITY } from './security-schemes.ts';
import type { SocketDescription } from './socket-descriptions.ts';

type Direction = 'fromClient' | 'fromServer';

const SECURITY: Readonly<Record<SocketDescription['access'], readonly (keyof typeof ASYNCAPI_SECURITY)[]>> = {
  login: ['token', 'session'],
  signed: ['twilio'],
  token: [],
};

/** The AsyncAPI 3.0 document of WebSockets, with the schemas that validate their messages. */
export function asyncApiDocument(version: string, sockets: readonly SocketDescription[]): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'offhook',
      version,
      description: 'The WebSockets of offhook. Each message is a JSON text.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(sockets.map((socket) => [socket.name, channelOf(socket)])),
    operations: Object.assign({}, ...sockets.map(operationsOf)) as object,
    components: { securitySchemes: ASYNCAPI_SECURITY },
  };
}

function channelOf(socket: SocketDescription): object {
  const { path: address, summary } = socket;
  const messages = { ...messagesOf(socket, 'fromClient'), ...messagesOf(socket, 'fromServer') };
  return { address, summary, messages, bindings: { ws: { method: 'GET' } } };
}

/** Actions are those of the server. */
function operationsOf(socket: SocketDescription): object {
  return {
    [`${socket.name}Receive`]: operationOf(socket, 'receive', 'fromClient'),
    [`${socket.name}Send`]: operationOf(socket, 'send', 'fromServer'),
  };
}

function operationOf(socket: SocketDescription, action: 'receive' | 'send', direction: Direction): object {
  const channel = `#/channels/${socket.name}`;
  return {
    action,
    channel: { $ref: channel },
    summary: action === 'receive' ? 'Messages to the server' : 'Messages from the server',
    security: SECURITY[socket.access].map((name) => ({ $ref: `#/components/securitySchemes/${name}` })),
    messages: Object.keys(messagesOf(socket, direction)).map((key) => ({
      $ref: `${channel}/messages/${key}`,
    })),
  };
}

function messagesOf(socket: SocketDescription, direction: Direction): Record<string, object> {
  return Object.fromEntries(
    socket[direction].options.map((option) => {
      const name = typeOf(option, socket.typeField);
      const { description: summary, ...payload } = schemaOf(option);
      // A type may exist in both directions.
      return [`${direction}-${name}`, { name, summary, payload }];
    }),
  );
}

function typeOf(option: z.ZodObject, field: string): string {
  return String((option.shape[field] as z.ZodLiteral).value);
}

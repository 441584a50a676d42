import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Batch = Readonly<Record<string, unknown>>;

/**
 * Stands before a server that speaks DynamoDB's protocol and makes it do what the real one does under load: of each
 * batch it takes a part and gives the rest back. It remembers what was asked.
 */
export class ReluctantDynamo {
  /** The operations in their order, `Query` and so on. */
  readonly asked: string[] = [];
  /** So many of a batch are taken; with 0 none ever is. */
  taken = Infinity;
  readonly #endpoint: string;
  readonly #server: Server;

  private constructor(endpoint: string) {
    this.#endpoint = endpoint;
    this.#server = createServer((incoming, answer) => void this.#take(incoming, answer));
  }

  static async start(endpoint: string): Promise<ReluctantDynamo> {
    const dynamo = new ReluctantDynamo(endpoint);
    dynamo.#server.listen(0, '127.0.0.1');
    await once(dynamo.#server, 'listening');
    return dynamo;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const target = String(incoming.headers['x-amz-target']);
    const operation = target.split('.')[1]!;
    this.asked.push(operation);
    const body = JSON.parse(Buffer.concat(await incoming.toArray()).toString()) as Batch;
    const { now, later } = operation.startsWith('Batch') ? this.#parted(body) : { now: body, later: {} };
    const rest = operation === 'BatchGetItem' ? 'UnprocessedKeys' : 'UnprocessedItems';
    const type = { 'content-type': 'application/x-amz-json-1.0' };
    if (operation.startsWith('Batch') && this.taken === 0)
      return void answer.writeHead(200, type).end(JSON.stringify({ [rest]: later }));
    const reply = await fetch(this.#endpoint, {
      method: 'POST',
      headers: {
        ...{ ...type, 'x-amz-target': target },
        ...{
          authorization: incoming.headers.authorization!,
          'x-amz-date': String(incoming.headers['x-amz-date']),
        },
      },
      body: JSON.stringify(now),
    });
    const said = (await reply.json()) as Batch;
    const all = operation.startsWith('Batch') ? { ...said, [rest]: later } : said;
    answer.writeHead(reply.status, type).end(JSON.stringify(all));
  }

  #parted(batch: Batch): { now: Batch; later: Batch } {
    const [[table, asked]] = Object.entries(batch['RequestItems'] as Batch) as [[string, unknown]];
    const isRead = !Array.isArray(asked);
    const all = (isRead ? (asked as { Keys: unknown[] }).Keys : asked) as unknown[];
    const part = (some: unknown[]): unknown => (isRead ? { ...(asked as Batch), Keys: some } : some);
    const rest = all.slice(this.taken);
    return {
      now: { ...batch, RequestItems: { [table]: part(all.slice(0, this.taken)) } },
      later: rest.length > 0 ? { [table]: part(rest) } : {},
    };
  }
}

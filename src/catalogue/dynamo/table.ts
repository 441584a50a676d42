import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { setTimeout as delay } from 'node:timers/promises';
import { CatalogueDown } from '../catalogue.ts';
import { SILENT_SERVER_MS } from '../connection-limits.ts';
import { inParallel } from './in-parallel.ts';

/** DynamoDB's limits for one request. */
const WRITES_A_REQUEST = 25;
const READS_A_REQUEST = 100;
/** Parallel requests of one kind per method call. */
const REQUESTS_AT_ONCE = 8;
/** Attempts for the unprocessed rest of a batch, */
const REST_TRIES = 9;
/** with an exponential backoff. */
const REST_PAUSE_MS = 25;

export interface Key {
  readonly pk: string;
  readonly sk: string;
}
export type Item = Key & Readonly<Record<string, unknown>>;

export interface Change {
  readonly key: Key;
  /** For example `SET #seq = :seq`: `#` prefixes the name of an attribute, `:` a value. */
  readonly change: string;
  readonly condition: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface Range {
  readonly pk: string;
  /** Both bounds are inclusive. */
  readonly low: string;
  readonly high: string;
  readonly latestFirst?: boolean;
  /** Goes on after this `sk`. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  readonly filter?: string | undefined;
  readonly values?: Readonly<Record<string, unknown>> | undefined;
}

export interface RangePage {
  readonly items: readonly Item[];
  /** The number of items that the server examined. */
  readonly scanned: number;
  /** Where the next page starts; absent: there is none. */
  readonly last?: string | undefined;
}

/** One table of items, identified by `pk` and ordered by `sk`. Reads are strongly consistent. */
export class Table {
  readonly #client: DynamoDBDocumentClient;
  readonly #name: string;

  constructor(client: DynamoDBDocumentClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async get(key: Key): Promise<Item | undefined> {
    const command = new GetCommand({ TableName: this.#name, Key: key, ConsistentRead: true });
    return (await this.#client.send(command, inTime())).Item as Item | undefined;
  }

  /** The existing items, in no particular order. */
  async getMany(keys: readonly Key[]): Promise<Item[]> {
    const different = [...new Map(keys.map((key) => [`${key.pk} ${key.sk}`, key])).values()];
    const found = await inParallel(inChunks(different, READS_A_REQUEST), REQUESTS_AT_ONCE, (some) =>
      this.#getSome(some),
    );
    return found.flat();
  }

  async page({ pk, low, high, latestFirst, after, limit, filter, values }: Range): Promise<RangePage> {
    if (low > high) return { items: [], scanned: 0 };
    const command = new QueryCommand({
      TableName: this.#name,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :low AND :high',
      ExpressionAttributeValues: { ':pk': pk, ':low': low, ':high': high, ...prefixed(values) },
      FilterExpression: filter,
      ExpressionAttributeNames: filter !== undefined ? namesIn(filter) : undefined,
      ExclusiveStartKey: after !== undefined ? { pk, sk: after } : undefined,
      Limit: limit,
      ScanIndexForward: !latestFirst,
    });
    const { Items, ScannedCount, LastEvaluatedKey } = await this.#client.send(command, inTime());
    const last = LastEvaluatedKey?.['sk'] as string | undefined;
    return {
      items: (Items ?? []) as Item[],
      scanned: ScannedCount ?? 0,
      last,
    };
  }

  /** All items of a range that is known to be small: the items of one call. */
  async all(range: Range): Promise<Item[]> {
    const items: Item[] = [];
    let after: string | undefined;
    do {
      const page = await this.page({ ...range, after });
      items.push(...page.items);
      after = page.last;
    } while (after !== undefined);
    return items;
  }

  /** `meanwhile`: called before each request; it throws to abort. */
  async put(items: readonly Item[], meanwhile?: () => Promise<void>): Promise<void> {
    await this.#write(
      items.map((Item) => ({ PutRequest: { Item } })),
      meanwhile,
    );
  }

  async delete(keys: readonly Key[], meanwhile?: () => Promise<void>): Promise<void> {
    await this.#write(
      keys.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
      meanwhile,
    );
  }

  /** Returns the updated item; undefined if the condition does not hold. */
  async change({ key, change, condition, values }: Change): Promise<Item | undefined> {
    const command = new UpdateCommand({
      TableName: this.#name,
      Key: key,
      UpdateExpression: change,
      ConditionExpression: condition,
      ExpressionAttributeNames: namesIn(`${change} ${condition}`),
      ExpressionAttributeValues: Object.keys(values).length > 0 ? prefixed(values) : undefined,
      ReturnValues: 'ALL_NEW',
    });
    return (await met(this.#client.send(command, inTime())))?.Attributes as Item | undefined;
  }

  /** Returns false if the condition does not hold; the item is then unchanged. */
  async deleteIf(key: Key, condition: string, values: Readonly<Record<string, unknown>>): Promise<boolean> {
    const command = new DeleteCommand({
      TableName: this.#name,
      Key: key,
      ConditionExpression: condition,
      ExpressionAttributeNames: namesIn(condition),
      ExpressionAttributeValues: Object.keys(values).length > 0 ? prefixed(values) : undefined,
    });
    return (await met(this.#client.send(command, inTime()))) !== undefined;
  }

  async #getSome(keys: readonly Key[]): Promise<Item[]> {
    const found: Item[] = [];
    let rest: readonly Record<string, unknown>[] = keys.map(({ pk, sk }) => ({ pk, sk }));
    await untilDone(async () => {
      const asked = { [this.#name]: { Keys: [...rest], ConsistentRead: true } };
      const answer = await this.#client.send(new BatchGetCommand({ RequestItems: asked }), inTime());
      found.push(...((answer.Responses?.[this.#name] ?? []) as Item[]));
      rest = answer.UnprocessedKeys?.[this.#name]?.Keys ?? [];
      return rest.length === 0;
    });
    return found;
  }

  async #write(requests: readonly WriteRequest[], meanwhile?: () => Promise<void>): Promise<void> {
    await inParallel(inChunks(requests, WRITES_A_REQUEST), REQUESTS_AT_ONCE, async (some) => {
      let rest = some;
      await untilDone(async () => {
        await meanwhile?.();
        const asked = { [this.#name]: [...rest] };
        const answer = await this.#client.send(new BatchWriteCommand({ RequestItems: asked }), inTime());
        rest = (answer.UnprocessedItems?.[this.#name] ?? []) as unknown as WriteRequest[];
        return rest.length === 0;
      });
    });
  }
}

type WriteRequest =
  { readonly PutRequest: { readonly Item: Item } } | { readonly DeleteRequest: { readonly Key: Key } };

/** A throttled server processes a part of a batch and returns the rest. */
async function untilDone(work: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await work()); tries++) {
    if (tries >= REST_TRIES) throw new CatalogueDown('The catalogue’s database takes no more at the moment.');
    await delay(Math.random() * REST_PAUSE_MS * 2 ** tries);
  }
}

/** Returns undefined if the condition does not hold. */
async function met<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if ((error as Error).name === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}

function inTime(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(SILENT_SERVER_MS) };
}

function namesIn(expression: string): Record<string, string> {
  return Object.fromEntries([...expression.matchAll(/#(\w+)/g)].map(([name, plain]) => [name, plain!]));
}

function prefixed(values: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value]));
}

function inChunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan, PutCommand } from '@aws-sdk/lib-dynamodb';

type Item = Readonly<Record<string, unknown>>;

/** Looks at the items themselves, beside the catalogue that wrote them. */
export class DynamoItems {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(url: string) {
    const { searchParams, pathname } = new URL(url);
    const client = new DynamoDBClient({
      ...{ region: 'eu-central-1', endpoint: searchParams.get('endpoint')! },
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    this.#client = DynamoDBDocumentClient.from(client);
    this.#table = `${pathname.slice(1)}-catalogue`;
  }

  /** All there are, without the schema's version. */
  async all(): Promise<Item[]> {
    const items: Item[] = [];
    for await (const page of paginateScan({ client: this.#client }, { TableName: this.#table }))
      items.push(...(page.Items ?? []));
    return items.filter(({ pk }) => pk !== 'schema');
  }

  /** Those that name a call anywhere. */
  async of(callSid: string): Promise<Item[]> {
    return (await this.all()).filter((item) => JSON.stringify(item).includes(callSid));
  }

  async put(item: Item): Promise<void> {
    await this.#client.send(new PutCommand({ TableName: this.#table, Item: item }));
  }

  close(): void {
    this.#client.destroy();
  }
}

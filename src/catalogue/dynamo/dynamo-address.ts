/** The address of a catalogue in DynamoDB. */
export interface DynamoAddress {
  readonly region: string;
  /** The prefix of its table names. */
  readonly prefix: string;
  /** A compatible server of another vendor, or a local one. */
  readonly endpoint?: string;
  /** Absent: the AWS default credential chain: environment, profile, instance role. */
  readonly key?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const DYNAMO_URL =
  'dynamodb://REGION/PREFIX, as in dynamodb://eu-central-1/offhook, if need be with KEY:SECRET@ before the region and ?endpoint=http://127.0.0.1:8000 after the prefix';

const REGION = /^[a-z0-9-]+$/;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const PREFIX = /^\/([A-Za-z0-9_.-]{1,200})$/;
/** A local server accepts any key, but the client requires one. */
const ANY_KEY = { accessKeyId: 'offhook', secretAccessKey: 'offhook' };

/** Throws an error that names the accepted forms; it omits the URL, which may contain a secret. */
export function dynamoAddress(url: string): DynamoAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const prefix = PREFIX.exec(parsed?.pathname ?? '')?.[1];
  const others = [...(parsed?.searchParams.keys() ?? [])].filter((name) => name !== 'endpoint');
  const ends = parsed?.searchParams.get('endpoint') ?? undefined;
  const endpoint = ends !== undefined && URL.canParse(ends) ? new URL(ends) : undefined;
  const odd = others.length > 0 || parsed?.port !== '' || !REGION.test(parsed.hostname) || parsed.hash !== '';
  if (odd || prefix === undefined || (ends !== undefined && !/^https?:$/.test(endpoint?.protocol ?? '')))
    throw new Error(`The catalogue's URL must be ${DYNAMO_URL}.`);
  const { username, password, hostname: region } = parsed;
  const given = username !== '' && { accessKeyId: decoded(username), secretAccessKey: decoded(password) };
  const key = given || (endpoint && isThisMachine(endpoint) ? ANY_KEY : undefined);
  return { region, prefix, ...(ends !== undefined && { endpoint: ends }), ...(key && { key }) };
}

function isThisMachine({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import type { HttpResponse } from '../../proxy/http-response.ts';

type TextResponse = Pick<HttpResponse, 'headers' | 'body'>;

/** The text of a response in its declared character set, else UTF-8, cut off at `maxBytes`. Rejects if the connection breaks. */
export async function responseText(response: TextResponse, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= maxBytes) break;
  }
  const bytes = Buffer.concat(chunks).subarray(0, maxBytes);
  const [, charset = 'utf-8'] = CHARSET.exec(response.headers.get('content-type') ?? '') ?? [];
  return decoded(bytes, charset);
}

const CHARSET = /charset="?([\w.:-]+)/iu;

/** An unknown name of a character set is UTF-8, too. */
function decoded(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

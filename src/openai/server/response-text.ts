/** The text of a response in its declared character set, else UTF-8, cut off at `maxBytes`. Rejects if the connection breaks. */
export async function responseText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    length += (chunk as Uint8Array).length;
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

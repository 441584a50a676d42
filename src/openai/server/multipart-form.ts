import { randomUUID } from 'node:crypto';

/** A file of a form. */
export interface FormFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A form with one file, as bytes: RFC 7578. */
export interface MultipartForm {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** The file is the field `file` and comes first. Field names and the name of the file have no quotes. */
export function multipartForm(file: FormFile, fields: Readonly<Record<string, string>>): MultipartForm {
  const boundary = randomUUID();
  const part = (head: string): string => `--${boundary}\r\nContent-Disposition: form-data; ${head}`;
  const others = Object.entries(fields).map(
    ([name, value]) => `\r\n${part(`name="${name}"`)}\r\n\r\n${value}`,
  );
  const body = Buffer.concat([
    Buffer.from(`${part(`name="file"; filename="${file.name}"`)}\r\nContent-Type: ${file.type}\r\n\r\n`),
    file.bytes,
    Buffer.from(`${others.join('')}\r\n--${boundary}--\r\n`),
  ]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

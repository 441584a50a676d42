import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { twilioSignature } from './twilio-signature.ts';

export interface ApplicationAddress {
  /** The address of the application, such as http://127.0.0.1:8000. */
  readonly baseUrl: string;
  /** The public address; default `baseUrl`. Requests carry its host and are signed over it. */
  readonly publicUrl?: string | undefined;
  /** Without it requests are not signed. */
  readonly authToken?: string | undefined;
}

/** The request that opens a stream. */
export interface StreamUpgrade {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly body: string;
}

const ANSWER_WITHIN_MS = 15_000;

/**
 * Sends requests like Twilio: addressed and signed for the public address, connected to the application's actual
 * address.
 */
export class TwilioRequests {
  readonly #address: ApplicationAddress;
  readonly #publicUrl: string;

  constructor(address: ApplicationAddress) {
    this.#address = address;
    this.#publicUrl = (address.publicUrl ?? address.baseUrl).replace(/\/$/, '');
  }

  /** A path of the application, below the path of its public address. */
  webhook(path: string): string {
    return new URL(this.#publicUrl).pathname.replace(/\/$/, '') + path;
  }

  /** Resolves a path, or an absolute or relative URL from TwiML, to the URL that is signed. */
  publicUrlOf(path: string): string {
    return /^\w+:\/\//.test(path) ? path : new URL(path, `${this.#publicUrl}/`).href;
  }

  /** Posts a form; rejects if there is no answer within 15 s. */
  async post(path: string, fields: Readonly<Record<string, string>>): Promise<WebhookAnswer> {
    const url = this.publicUrlOf(path);
    const real = this.#realUrl(url);
    const body = new URLSearchParams(fields).toString();
    const headers = {
      ...this.headers(url, fields),
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'TwilioProxy/1.1',
    };
    const send = real.protocol === 'https:' ? secureRequest : request;
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const asked = send(real, { method: 'POST', headers, signal }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        });
      });
      asked.on('error', reject).end(body);
    });
  }

  /** Where the WebSocket of a stream really goes, and the headers of its upgrade. */
  upgrade(streamUrl: string): StreamUpgrade {
    const url = this.publicUrlOf(streamUrl).replace(/^http/, 'ws');
    const real = this.#realUrl(url);
    real.protocol = real.protocol.replace(/^http/, 'ws');
    return { url: real.href, headers: this.headers(url, {}) };
  }

  headers(url: string, fields: Readonly<Record<string, string>>): Record<string, string> {
    const { authToken, publicUrl } = this.#address;
    return {
      ...(publicUrl !== undefined && { host: new URL(url).host }),
      ...(authToken !== undefined && { 'x-twilio-signature': twilioSignature(authToken, url, fields) }),
    };
  }

  /** A proxy removes the path of the public address. */
  #realUrl(url: string): URL {
    const { pathname, search } = new URL(url);
    const [prefix, base] = [this.#publicUrl, this.#address.baseUrl].map((each) =>
      new URL(each).pathname.replace(/\/$/, ''),
    ) as [string, string];
    const path = pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : pathname;
    return new URL(base + path + search, this.#address.baseUrl);
  }
}

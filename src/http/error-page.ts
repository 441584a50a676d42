import type { Request, Response } from 'express';
import path from 'node:path';
import { sendDocument } from './page-document.ts';

/** Sends an error page to a browser. False if the client is not a browser, or the pages are not built. */
export type SendErrorPage = (
  request: Request,
  response: Response,
  status: number,
  sentence: string,
) => Promise<boolean>;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** An error page with the status, a sentence and links to the other pages, from the built pages in a directory. */
export function errorPage(directory: string): SendErrorPage {
  return async (request, response, status, sentence) => {
    // A client that accepts everything is treated as a program.
    if (request.accepts(['json', 'html']) !== 'html') return false;
    const transform = (text: string): string =>
      text
        .replaceAll('OFFHOOK_STATUS', String(status))
        .replaceAll('OFFHOOK_SENTENCE', () => sentence.replace(/[&<>"]/gu, (sign) => ENTITIES[sign]!));
    response.status(status);
    await sendDocument(path.join(directory, 'error.html'), request, response, { transform });
    return true;
  };
}

import type { Request, Response } from 'express';
import path from 'node:path';
import { sendDocument } from './page-document.ts';

/** Tells somebody at a browser what went wrong, on a page; false where who asks is no browser, or no page is there. */
export type SendErrorPage = (
  request: Request,
  response: Response,
  status: number,
  sentence: string,
) => Promise<boolean>;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A page with a sentence and the way to the others, written into the built one in the directory `pages`. */
export function errorPage(pages: string): SendErrorPage {
  return async (request, response, status, sentence) => {
    // A program that takes anything gets what programs get.
    if (request.accepts(['json', 'html']) !== 'html') return false;
    const changed = (text: string): string =>
      text
        .replaceAll('OFFHOOK_STATUS', String(status))
        .replaceAll('OFFHOOK_SENTENCE', () => sentence.replace(/[&<>"]/gu, (sign) => ENTITIES[sign]!));
    response.status(status);
    await sendDocument(path.join(pages, 'trouble.html'), request, response, { changed });
    return true;
  };
}

import type { Response } from 'express';
import { sendProblem } from '../http/problem-response.ts';
import { sendFile } from '../http/send-file.ts';
import type { CallFile, CatalogueEntry } from '../records/call-entry.ts';
import { transcriptVtt } from '../records/text/transcript-vtt.ts';
import { transcriptLines } from '../records/text/transcript.ts';

/** Where a finished file is: on this machine, or at a URL that is valid for a limited time. */
export type FileLocation = { readonly path: string } | { readonly url: string };

export const NOT_FINISHED = 'The call is not finished yet.';

/** Finds a call's file; undefined if it is gone. */
export type LocateFile = (callSid: string, file: CallFile) => Promise<FileLocation | undefined>;

/** Sends a file of a call, or redirects to it. */
export async function sendCallFile(
  entry: CatalogueEntry,
  kind: CallFile['kind'],
  locate: LocateFile,
  response: Response,
): Promise<void> {
  const file = entry.files.find((one) => one.kind === kind);
  const location = file && (await locate(entry.callSid, file));
  if (!file || !location) {
    if (entry.state !== 'finished') sendProblem(response, 409, NOT_FINISHED);
    else sendProblem(response, 404, `The call has no ${kind}.`);
    return;
  }
  if ('url' in location) {
    response.redirect(302, location.url);
    return;
  }
  response.set('content-disposition', `inline; filename="${file.name}"`);
  await sendFile(location.path, response, { audio: kind === 'recording' });
}

/** Sends a transcript as `txt`, `json` or `vtt`. */
export function sendTranscript(entry: CatalogueEntry, as: string, response: Response): void {
  const send = (type: string, text: string): void => {
    const name = `call_${entry.callSid}.${as}`;
    response.set('content-disposition', `inline; filename="${name}"`).type(type).send(text);
  };
  const lines = () => transcriptLines(entry.turns).map((line) => `${line}\n`);
  if (as === 'txt') send('text/plain', lines().join(''));
  else if (as === 'vtt') send('text/vtt', transcriptVtt(entry.turns));
  else if (as === 'json') response.json({ callSid: entry.callSid, turns: entry.turns });
  else sendProblem(response, 404, 'A transcript comes as transcript.txt, transcript.json or transcript.vtt.');
}

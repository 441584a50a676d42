import express, { type Request, Router } from 'express';
import { z } from 'zod';
import { requireAuth, type RequireAuthOptions } from '../http/auth/require-auth.ts';
import { sendProblem } from '../http/problem-response.ts';
import { sendFile } from '../http/send-file.ts';
import { validateBody } from '../http/validate-request.ts';
import { type ListedRecording, recordingResponse } from './recording-response.ts';

/** An hour of speech is some 60,000 characters long. */
const LONGEST_TRANSCRIPT = 500_000;
/** Of JSON, which writes a character as six where it likes. */
const LARGEST_BODY = 6 * LONGEST_TRANSCRIPT + 100;
const NO_RECORDING = 'There is no such recording.';

/** `PUT /recordings/:file/transcript`. */
export const transcriptBody = z.strictObject({
  text: z
    .string()
    .min(1, 'must not be empty')
    .max(LONGEST_TRANSCRIPT, `may be at most ${LONGEST_TRANSCRIPT.toLocaleString('en')} characters long`)
    .regex(/^[\P{Cc}\s]*$/u, 'must be plain text, without control characters'),
});

/** Where transcripts lie, each beside its recording. */
export interface TranscriptStore {
  /** Undefined where there is no recording of that name. */
  keepTranscript(name: string, text: string): Promise<ListedRecording | undefined>;
  /** Undefined where there is no recording of that name, or it has none. */
  transcriptOf(name: string): Promise<string | undefined>;
}

interface TranscriptParts extends RequireAuthOptions {
  readonly shelf: TranscriptStore;
}

/** `PUT` and `GET /recordings/:file/transcript`. */
export function createTranscriptRouter(parts: TranscriptParts): Router {
  const { shelf } = parts;
  const router = Router();
  const guarded = requireAuth(parts);
  const json = express.json({ limit: LARGEST_BODY });
  router.put('/recordings/:file/transcript', guarded, json, async (request, response) => {
    const body = validateBody(transcriptBody, request, response);
    if (!body) return;
    const kept = await shelf.keepTranscript(nameIn(request), body.text);
    if (kept) response.json(recordingResponse(kept));
    else sendProblem(response, 404, NO_RECORDING);
  });
  router.get('/recordings/:file/transcript', guarded, async (request, response) => {
    const file = await shelf.transcriptOf(nameIn(request));
    if (file === undefined)
      sendProblem(response, 404, 'There is no such recording, or it has no transcript.');
    else await sendFile(file, 'text/plain', response);
  });
  return router;
}

function nameIn(request: Request): string {
  return String(request.params['file']);
}

import type { NextFunction, Request, RequestHandler, Response, Router } from 'express';
import { rm } from 'node:fs/promises';
import multer, { MulterError } from 'multer';
import { requireAuth, type RequireAuthOptions } from '../http/auth/require-auth.ts';
import { allowUpload } from '../http/body-limits.ts';
import { sendProblem } from '../http/problem-response.ts';
import { RouteRouter } from '../http/route-router.ts';
import { sendFile } from '../http/send-file.ts';
import {
  MAX_RECORDING_BYTES,
  MICROPHONE_ROUTES,
  saveForm,
  type SentTranscript,
  type TranscriptSource,
} from './microphone-routes.ts';
import type { DiskReserve } from './recordings/disk-reserve.ts';
import { isFull } from '../storage/file-system-errors.ts';
import { type ListedRecording, recordingResponse } from './recording-response.ts';
import { UnsavedRecording } from './recordings/unsaved-recordings.ts';

const MAX_FORM_PARTS = 10;
const MAX_FIELD_BYTES = 4_096;
const NO_RECORDING = 'There is no such recording.';

/** The stored recordings of the microphone. */
export interface RecordingStore {
  /** A directory for incomplete uploads, on the file system of the recordings. */
  readonly uploads: string;
  /** Stores an uploaded file; a string is the reason why it is refused. Rejects with `UnsavedRecording` if the disk does not take it. */
  keep(uploaded: string, transcript: TranscriptSource): Promise<ListedRecording | string>;
  list(): Promise<readonly ListedRecording[]>;
  /** The file of a recording; undefined if there is no such recording. */
  pathOf(name: string): Promise<string | undefined>;
  remove(name: string): Promise<boolean>;
  /** `taken`: another recording has that name. Undefined if there is no such recording. */
  rename(name: string, newName: string): Promise<ListedRecording | 'taken' | undefined>;
  /** Undefined if there is no such recording. */
  keepTranscript(name: string, transcript: SentTranscript): Promise<ListedRecording | undefined>;
  /** The file of a transcript; undefined if there is no such recording, or it has no transcript. */
  transcriptOf(name: string): Promise<string | undefined>;
}

export interface MicrophoneRouterOptions extends RequireAuthOptions {
  readonly recordings: RecordingStore;
  readonly reserve: DiskReserve;
  readonly maxBytes?: number | undefined;
}

/** Saves, lists, sends and deletes recordings of the microphone and their transcripts. */
export function createMicrophoneRouter(options: MicrophoneRouterOptions): Router {
  const { recordings, reserve, maxBytes = MAX_RECORDING_BYTES } = options;
  return new RouteRouter({ login: requireAuth(options) })
    .add(
      MICROPHONE_ROUTES.save,
      ({ request, response }) => save(recordings, request, response),
      keepReserve(reserve),
      allowUpload,
      receiveFile(recordings.uploads, maxBytes),
    )
    .add(MICROPHONE_ROUTES.list, async ({ response }) => {
      response.json({ recordings: (await recordings.list()).map(recordingResponse) });
    })
    .add(MICROPHONE_ROUTES.audio, async ({ request, response }) => {
      const file = await recordings.pathOf(nameIn(request));
      if (file === undefined) sendProblem(response, 404, NO_RECORDING);
      else await sendFile(file, response, { type: 'audio/wav', audio: true });
    })
    .add(MICROPHONE_ROUTES.remove, async ({ request, response }) => {
      if (await recordings.remove(nameIn(request))) response.status(204).end();
      else sendProblem(response, 404, NO_RECORDING);
    })
    .add(MICROPHONE_ROUTES.rename, async ({ request, response, body }) => {
      const renamed = await recordings.rename(nameIn(request), body.name);
      if (renamed === undefined) sendProblem(response, 404, NO_RECORDING);
      else if (renamed === 'taken') sendProblem(response, 409, 'Another recording has this name.');
      else response.json(recordingResponse(renamed));
    })
    .add(MICROPHONE_ROUTES.saveTranscript, async ({ request, response, body }) => {
      const refusal = await reserve.refusal(Buffer.byteLength(JSON.stringify(body)));
      const kept = refusal ? undefined : await recordings.keepTranscript(nameIn(request), body);
      if (refusal !== undefined) sendProblem(response, 507, refusal);
      else if (kept) response.json(recordingResponse(kept));
      else sendProblem(response, 404, NO_RECORDING);
    })
    .add(MICROPHONE_ROUTES.transcript, async ({ request, response }) => {
      const file = await recordings.transcriptOf(nameIn(request));
      if (file !== undefined) await sendFile(file, response, { type: 'text/plain' });
      else sendProblem(response, 404, 'There is no such recording, or it has no transcript.');
    }).router;
}

/** Refuses uploads for which the disk has no room besides what is kept for calls. */
function keepReserve(reserve: DiskReserve): RequestHandler {
  return async (request, response, next) => {
    const bytes = Number(request.headers['content-length'] ?? 0);
    const refusal = await reserve.refusal(bytes);
    if (refusal !== undefined) {
      sendProblem(response, 507, refusal);
      return;
    }
    response.once('close', reserve.promise(bytes));
    next();
  };
}

/** Writes the uploaded file to `directory`. */
function receiveFile(directory: string, maxBytes: number): RequestHandler {
  const upload = multer({
    dest: directory,
    limits: { fileSize: maxBytes, files: 1, fields: 8, fieldSize: MAX_FIELD_BYTES, parts: MAX_FORM_PARTS },
  }).single('audio');
  return (request, response, next) => {
    upload(request, response, (error: unknown) => {
      if (error) refuse(error, maxBytes, response, next);
      else next();
    });
  };
}

async function save(recordings: RecordingStore, request: Request, response: Response): Promise<void> {
  const { file } = request;
  if (!file) {
    sendProblem(response, 400, 'No file was sent: expected is a multipart form with a WAV file as "audio".');
    return;
  }
  const { data: form, error } = saveForm.safeParse(request.body ?? {});
  if (!form) {
    await rm(file.path, { force: true });
    const [issue] = error.issues;
    sendProblem(
      response,
      400,
      `${issue?.path.join('.') || 'The form'}: ${issue?.message ?? 'is not valid'}.`,
    );
    return;
  }
  const kept = await recordings.keep(file.path, form.transcript).catch((error: unknown) => {
    if (error instanceof UnsavedRecording) return error;
    throw error;
  });
  if (kept instanceof UnsavedRecording) sendProblem(response, isFull(kept) ? 507 : 500, kept.message);
  else if (typeof kept === 'string') sendProblem(response, 415, kept);
  else response.status(201).json(recordingResponse(kept));
}

function refuse(error: unknown, maxBytes: number, response: Response, next: NextFunction): void {
  if (!(error instanceof MulterError)) {
    const { message } = error as Error;
    // Errors of busboy about an invalid multipart form.
    if (/multipart|boundary|form/iu.test(message))
      sendProblem(response, 400, `The body is not right: ${message}.`);
    else next(error);
  } else if (error.code === 'LIMIT_FILE_SIZE') {
    sendProblem(response, 413, `The file is larger than ${Math.round(maxBytes / 1_048_576)} MiB.`);
  } else {
    sendProblem(response, 400, 'Expected is a multipart form with one WAV file as "audio" and nothing else.');
  }
}

function nameIn(request: Request): string {
  return String(request.params['file']);
}

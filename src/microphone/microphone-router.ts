import { type NextFunction, type Request, type Response, Router } from 'express';
import multer, { MulterError } from 'multer';
import { requireAuth, type RequireAuthOptions } from '../http/auth/require-auth.ts';
import { sendProblem } from '../http/problem-response.ts';
import { sendFile } from '../http/send-file.ts';
import { type ListedRecording, recordingResponse } from './recording-response.ts';
import { createTranscriptRouter, type TranscriptStore } from './transcript-router.ts';

/** An hour at 48 kHz, 16 bit, stereo, is 690 MB. */
const LARGEST_RECORDING_BYTES = 700 * 1024 * 1024;

/** Whether a request carries a whole recording, which may take long. */
export function isMicrophoneUpload({ method, path }: Request): boolean {
  return method === 'POST' && path === '/save_recording';
}

/** Where recordings of the microphone are kept. */
interface MicrophoneShelf extends TranscriptStore {
  /** A folder for uploads that are not complete, on the file system of the recordings. */
  readonly uploads: string;
  /** A string says why it is not taken. Takes the file away in any case. */
  keep(uploaded: string): Promise<ListedRecording | string>;
  list(): Promise<readonly ListedRecording[]>;
  /** Undefined where there is none of that name. */
  pathOf(name: string): Promise<string | undefined>;
  remove(name: string): Promise<boolean>;
}

export interface MicrophoneRouterOptions extends RequireAuthOptions {
  readonly shelf: MicrophoneShelf;
  readonly largestBytes?: number;
}

/** `POST /save_recording`, `GET /list_recordings`, `GET` and `DELETE /recordings/:file`, and its transcript. */
export function createMicrophoneRouter(parts: MicrophoneRouterOptions): Router {
  const { shelf, largestBytes = LARGEST_RECORDING_BYTES } = parts;
  const router = Router();
  const guarded = requireAuth(parts);
  const upload = multer({
    dest: shelf.uploads,
    limits: { fileSize: largestBytes, files: 1, fields: 8, fieldSize: 4_096, parts: 10 },
  }).single('audio');

  router.post('/save_recording', guarded, (request, response, next) => {
    upload(request, response, (error: unknown) => {
      if (error) refuse(error, largestBytes, response, next);
      else save(shelf, request, response).catch(next);
    });
  });
  router.get('/list_recordings', guarded, async (_request, response) => {
    response.json({ recordings: (await shelf.list()).map(recordingResponse) });
  });
  router.get('/recordings/:file', guarded, async (request, response) => {
    const file = await shelf.pathOf(nameIn(request));
    if (file === undefined) sendProblem(response, 404, 'There is no such recording.');
    else await sendFile(file, 'audio/wav', response);
  });
  router.delete('/recordings/:file', guarded, async (request, response) => {
    if (await shelf.remove(nameIn(request))) response.status(204).end();
    else sendProblem(response, 404, 'There is no such recording.');
  });
  router.use(createTranscriptRouter(parts));
  return router;
}

async function save(shelf: MicrophoneShelf, request: Request, response: Response): Promise<void> {
  const { file } = request;
  if (!file) {
    sendProblem(response, 400, 'No file was sent: expected is a multipart form with a WAV file as "audio".');
    return;
  }
  const kept = await shelf.keep(file.path);
  if (typeof kept === 'string') sendProblem(response, 415, kept);
  else response.status(201).json(recordingResponse(kept));
}

function refuse(error: unknown, largestBytes: number, response: Response, next: NextFunction): void {
  if (!(error instanceof MulterError)) {
    const { message } = error as Error;
    // What busboy says of a body that is no proper multipart form.
    if (/multipart|boundary|form/iu.test(message))
      sendProblem(response, 400, `The body is not right: ${message}.`);
    else next(error);
  } else if (error.code === 'LIMIT_FILE_SIZE') {
    sendProblem(response, 413, `The file is larger than ${Math.round(largestBytes / 1_048_576)} MiB.`);
  } else {
    sendProblem(response, 400, 'Expected is a multipart form with one WAV file as "audio" and nothing else.');
  }
}

function nameIn(request: Request): string {
  return String(request.params['file']);
}

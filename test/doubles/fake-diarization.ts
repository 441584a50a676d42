/** A segment of `diarized_json`: seconds. https://developers.openai.com/api/reference/resources/audio */
export interface DiarizedSegment {
  readonly type: 'transcript.text.segment';
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly speaker: string;
}

/** A little more than 30 s at 16 kHz, 16 bits. */
const LARGEST_WITHOUT_CHUNKS = 31 * 32_000;

/** The message with which OpenAI refuses a format for a model, or a long file without a chunking strategy. */
export function refusedFormat(
  fields: Readonly<Record<string, unknown>>,
  fileBytes: number,
): string | undefined {
  const { response_format: format, chunking_strategy: chunks } = fields;
  const model = String(fields['model']);
  const diarizes = model.includes('diarize');
  const isUnsupported =
    format === 'diarized_json' ? !diarizes : format === 'verbose_json' && /^gpt-/u.test(model);
  if (isUnsupported) return `response_format '${String(format)}' is not compatible with model '${model}'.`;
  if (diarizes && 'prompt' in fields) return 'Prompt is not supported for diarization models.';
  if (diarizes && chunks === undefined && fileBytes > LARGEST_WITHOUT_CHUNKS)
    return 'chunking_strategy is required for diarization models.';
  return undefined;
}

/** Shorter pauses belong to the speech. */
const PAUSE_MS = 700;
const WINDOW_MS = 20;
/** Of 32,768. */
const AUDIBLE = 200;

/** The parts of a sound between its pauses, in milliseconds. */
export function partsOf(
  pcm: Int16Array,
  rateHz: number,
): { readonly fromMs: number; readonly toMs: number }[] {
  const window = (rateHz * WINDOW_MS) / 1_000;
  const parts: { fromMs: number; toMs: number }[] = [];
  for (let at = 0; at < pcm.length; at += window) {
    if (!pcm.subarray(at, at + window).some((sample) => Math.abs(sample) > AUDIBLE)) continue;
    const atMs = (at * 1_000) / rateHz;
    const last = parts.at(-1);
    if (last && atMs - last.toMs < PAUSE_MS) last.toMs = atMs + WINDOW_MS;
    else parts.push({ fromMs: atMs, toMs: atMs + WINDOW_MS });
  }
  return parts;
}

import { chunk, type OddWav } from '../support/odd-wav.ts';

const SECOND = 2 * 48_000;
const UNKNOWN = 0xffffffff;

/** Headers of real programs, each over one second at 48 kHz. */
export const ODD_WAV_FILES: Readonly<Record<string, OddWav>> = {
  'muaz-khan/RecordRTC#76: twice the byte rate for mono': { byteRate: 192_000 },
  'mattdiamond/Recorderjs PR 118: half the byte rate for stereo': { channels: 2, byteRate: 96_000 },
  'meetecho/janus-gateway PR 262: byte rate 0': { byteRate: 0 },
  'streamproc/MediaStreamRecorder#70: no block size': { byteRate: 0, frameBytes: 0 },
  'muaz-khan/RecordRTC#401: RIFF size too large by 8': { riffBytes: SECOND + 44 },
  'FFmpeg libavformat/wavenc.c into a pipe: both sizes unknown, LIST before the samples': {
    riffBytes: UNKNOWN,
    dataBytes: UNKNOWN,
    before: [chunk('LIST', Buffer.from('INFOISFT\x0e\0\0\0Lavf60.16.100\0', 'latin1'))],
  },
  'kkroening/ffmpeg-python#118: a recorder that was killed, size 0': { riffBytes: 0, dataBytes: 0 },
  'rs1729/RS#39: 0x7FFFFFFF - 36': { riffBytes: 0x7fffffff, dataBytes: 0x7fffffff - 36 },
  'SoX src/wav.c into a pipe: 0x7FFFF000': { riffBytes: 0x7ffff024, dataBytes: 0x7ffff000 },
  'EBU Tech 3306: RF64': {
    name: 'RF64',
    riffBytes: UNKNOWN,
    dataBytes: UNKNOWN,
    after: chunk('id3 ', Buffer.alloc(400)),
  },
  'androidx/media PR 1117: an odd chunk with its padding': { before: [chunk('LIST', Buffer.alloc(17))] },
  'libsndfile/libsndfile#542: a long LIST chunk of zeros': { before: [chunk('LIST', Buffer.alloc(393_164))] },
  'naudio/NAudio PR 386: an odd chunk without its padding': {
    before: [chunk('junk', Buffer.alloc(5)).subarray(0, 13)],
  },
  'EBU Tech 3285: bext with a long history before the samples': {
    before: [chunk('bext', Buffer.alloc(100_000))],
  },
};

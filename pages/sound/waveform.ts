import WaveSurfer, { type WaveSurferOptions } from 'wavesurfer.js';
import { onOtherColours, pageColour } from '../frame/page-colour.ts';

const HEIGHT_PX = 80;

/** The response header that contains the nonce for styles of this page. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}

/** Draws the waveform of a player's recording and follows the playback. */
export function showWaveform(container: HTMLElement, player: HTMLAudioElement): WaveSurfer {
  return drawn(container, player, () => ({ waveColor: pageColour('--faint') }));
}

/** The same for a call: separate channels have separate colours. */
export function showCallWaveform(container: HTMLElement, player: HTMLAudioElement, url: string): WaveSurfer {
  const sides = ['--caller', '--assistant'] as const;
  const colours = () => ({
    waveColor: pageColour('--faint'),
    splitChannels: sides.map((name) => ({
      waveColor: pageColour(name),
      progressColor: pageColour('--text'),
    })),
  });
  const wave = drawn(container, player, colours, url);
  wave.on('decode', () => {
    if (wave.getDecodedData()?.numberOfChannels === 1) wave.setOptions({ splitChannels: [] });
  });
  return wave;
}

type Colours = Pick<WaveSurferOptions, 'waveColor' | 'splitChannels'>;

function drawn(
  container: HTMLElement,
  media: HTMLAudioElement,
  colours: () => Colours,
  url?: string,
): WaveSurfer {
  const all = (): Colours & Partial<WaveSurferOptions> => ({
    progressColor: pageColour('--accent'),
    cursorColor: pageColour('--text'),
    ...colours(),
  });
  const wave = WaveSurfer.create({
    ...{ container, media, height: HEIGHT_PX, barWidth: 2, barGap: 1, cspNonce: nonce() },
    ...(url !== undefined && { url }),
    ...all(),
  });
  onOtherColours(() => wave.setOptions(all()));
  return wave;
}

import WaveSurfer from 'wavesurfer.js';

/** Where the page's answer says which styles of its own may be there. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}

/** Draws the waveform of what a player plays, and follows it. */
export function showWaveform(container: HTMLElement, player: HTMLAudioElement): WaveSurfer {
  const colour = (name: string): string => getComputedStyle(container).getPropertyValue(name).trim();
  return WaveSurfer.create({
    container,
    media: player,
    height: 80,
    barWidth: 2,
    barGap: 1,
    waveColor: colour('--faint'),
    progressColor: colour('--accent'),
    cursorColor: colour('--text'),
    cspNonce: nonce(),
  });
}

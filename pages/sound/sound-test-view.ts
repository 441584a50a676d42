import { html, nothing, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { levelMeter } from './level-meter.ts';
import { addressOf, type SavedRecording } from './save-recording.ts';
import { showWaveform } from './waveform.ts';
import { judgement, type SoundTest, type SoundTestState } from './sound-test.ts';
import { at } from '../frame/root.ts';

export function soundTestView(test: SoundTest, possible: boolean): TemplateResult {
  const { state } = test;
  const progress = progressOf(state);
  return html`<p class="small faint">Say something for five seconds and hear what others would hear.</p>
    <button data-place="sound-test" ?disabled=${!possible || test.busy} @click=${() => void test.run()}>
      Test 5s recording
    </button>
    <p role="status" class=${progress ? 'state' : 'hidden-words'}>${progress}</p>
    ${state.kind === 'recording' ? levelMeter('Test level', state.levelDb) : nothing}
    ${state.kind === 'done' ? resultView(state.saved, state.peakDb) : nothing}
    <div role="alert" class="notice wrong">${state.kind === 'failed' ? state.sentence : nothing}</div>`;
}

function progressOf(state: SoundTestState): string {
  switch (state.kind) {
    case 'opening':
      return 'Opening the microphone…';
    case 'recording':
      return `Speak now: ${Math.ceil(state.leftMs / 1_000)} s left`;
    case 'saving':
      return 'Saving…';
    case 'done':
      return judgement(state.peakDb).words;
    case 'none':
    case 'failed':
      return '';
  }
}

function resultView(saved: SavedRecording, peakDb: number): TemplateResult {
  const { good } = judgement(peakDb);
  return html`<div class="notice ${good ? '' : 'careful'}">
      <p>Loudest: <span class="number">${Math.round(peakDb)} dB</span> · ${saved.name}</p>
    </div>
    <div class="waveform" ${ref(drawWaveform)}></div>
    <audio
      id="sound-test-player"
      controls
      preload="auto"
      src=${at(addressOf(saved))}
      aria-label="Test recording"
    ></audio>
    <button data-place="play-test" @click=${play}>Play test audio</button>`;
}

function play(): void {
  const player = document.getElementById('sound-test-player');
  if (!(player instanceof HTMLAudioElement)) return;
  player.currentTime = 0;
  // The player itself shows what went wrong.
  void player.play().catch(() => undefined);
}

/** The player is rendered after this and exists a moment later. */
function drawWaveform(container: Element | undefined): void {
  if (!(container instanceof HTMLElement)) return;
  queueMicrotask(() => {
    const player = document.getElementById('sound-test-player');
    if (player instanceof HTMLAudioElement) showWaveform(container, player);
  });
}

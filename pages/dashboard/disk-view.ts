import { html, type TemplateResult } from 'lit';
import type { Statistics } from '../../src/api/statistics-router.ts';
import { size } from '../frame/moments.ts';

/** Below these shares of free space the view shows a warning. */
const LITTLE = 0.15;
const TOO_LITTLE = 0.05;

/** The free space of the disk with the recordings. */
export function diskView({ freeBytes, totalBytes }: Statistics['disk']): TemplateResult {
  const used = totalBytes - freeBytes;
  const words = `${size(freeBytes)} of ${size(totalBytes)} are free.`;
  return html`<section class="card" aria-labelledby="disk">
    <h2 id="disk">Disk space</h2>
    <p>${words}</p>
    <meter
      aria-label="Disk space in use"
      min="0"
      max=${totalBytes}
      low=${totalBytes * (1 - LITTLE)}
      high=${totalBytes * (1 - TOO_LITTLE)}
      optimum="0"
      value=${used}
    ></meter>
    ${
      freeBytes < totalBytes * TOO_LITTLE
        ? html`<p class="notice careful">
            The disk is nearly full. Old calls can be deleted by RETENTION_DAYS, or moved by RECORDINGS_STORE.
          </p>`
        : ''
    }
  </section>`;
}

// A bundle of its own with its licence comment: it is copied, not bundled again.
import bundle from 'redoc/bundles/redoc.standalone.js?url';
import { sentenceFor } from '../frame/ask-server.ts';
import { showHead } from '../frame/head.ts';
import { loadScript } from '../frame/load-script.ts';
import { onOtherColours } from '../frame/page-colour.ts';
import { at } from '../frame/root.ts';
import { currentTheme } from './theme.ts';

declare global {
  var Redoc:
    | { init(url: string, options: object, element: HTMLElement, done: (error?: Error) => void): void }
    | undefined;
}

const main = document.getElementById('page')!;

showHead();
loadScript(bundle).then(() => {
  draw();
  onOtherColours(draw);
}, showProblem);

/** Draws everything again, because the colours cannot be changed later. */
function draw(): void {
  const container = document.createElement('div');
  main.replaceChildren(container);
  const options = {
    theme: currentTheme(),
    // It runs in a worker from a blob, which the security policy refuses.
    disableSearch: true,
    nativeScrollbars: true,
    hideDownloadButtons: true,
    expandResponses: '',
  };
  globalThis.Redoc?.init(at('/openapi.json'), options, container, (error) => error && showProblem(error));
}

function showProblem(error: unknown): void {
  const notice = document.createElement('p');
  notice.role = 'alert';
  notice.className = 'notice wrong';
  notice.textContent = sentenceFor(error);
  main.replaceChildren(notice);
}

import { html } from 'lit';
import { Page } from '../frame/page.ts';

new Page(() => html`<h1>Microphone</h1>`);

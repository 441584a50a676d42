import { html, type TemplateResult } from 'lit';
import { Page } from '../frame/page.ts';
import { at } from '../frame/root.ts';
import { recordingListView } from './recording-list-view.ts';
import { RecordingList } from './recording-list.ts';

const list = new RecordingList(() => page.redraw());
const page = new Page(view);
void list.load();

function view(): TemplateResult {
  return html`<div class="row between">
      <h1>Recordings</h1>
      <a class="button" href=${at('/')}>Record</a>
    </div>
    ${recordingListView(list)}`;
}

import { html, type TemplateResult } from 'lit';
import { Page } from '../frame/page.ts';
import { at } from '../frame/root.ts';
import { recordingListView } from './recording-list-view.ts';
import { RecordingList } from './recording-list.ts';
import { recordingSearchView } from './recording-search-view.ts';
import { RecordingSearch } from './recording-search.ts';

const list: RecordingList = new RecordingList(() => page.redraw());
const search: RecordingSearch = new RecordingSearch(
  list,
  () => page.redraw(),
  () => page.draw(),
);
const page: Page = new Page(view);
void list.load().then(() => search.openAddress(location.search));

function view(): TemplateResult {
  return html`<div class="row between">
      <h1>Recordings</h1>
      <a class="button" href=${at('/')}>Record</a>
    </div>
    ${recordingSearchView(search)} ${recordingListView(list)}`;
}

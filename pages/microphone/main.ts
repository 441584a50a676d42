import { Page } from '../frame/page.ts';
import { RecordingList } from '../recordings/recording-list.ts';
import '../style/phone.css';
import { Recording } from './recording.ts';
import { microphoneView } from './view.ts';

const recording: Recording = new Recording(changed);
const list: RecordingList = new RecordingList(() => page.redraw());
let listIsOpen = false;
let savedName: string | undefined;
const page: Page = new Page(() => microphoneView(recording, { list, open: listIsOpen, toggle }));
void recording.checkService();

function changed(): void {
  const { saved } = recording;
  if (listIsOpen && saved !== undefined && saved.name !== savedName) void list.load();
  savedName = saved?.name;
  page.redraw();
}

function toggle(): void {
  listIsOpen = !listIsOpen;
  if (listIsOpen) void list.load();
  else list.stop();
  page.redraw();
}

/** The browser asks before it discards an unsaved recording. */
addEventListener('beforeunload', (event) => {
  if (recording.busy || recording.state === 'unsaved') event.preventDefault();
});

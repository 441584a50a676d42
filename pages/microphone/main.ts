import { Page } from '../frame/page.ts';
import '../style/phone.css';
import { Recording } from './recording.ts';
import { microphoneView } from './view.ts';

const recording: Recording = new Recording(() => page.redraw());
const page = new Page(() => microphoneView(recording));
void recording.checkService();

/** The browser asks before it discards an unsaved recording. */
addEventListener('beforeunload', (event) => {
  if (recording.busy || recording.state === 'unsaved') event.preventDefault();
});

import '../style/phone.css';
import { Page } from '../frame/page.ts';
import { listenToKeys } from './dial-pad.ts';
import { Phone } from './phone.ts';
import { phoneView } from './phone-view.ts';

const phone: Phone = new Phone(() => page.redraw());
const page = new Page(() => phoneView(phone));
listenToKeys((digit) => phone.press(digit));
addEventListener('pagehide', () => phone.hangUp());

import { Page } from '../frame/page.ts';
import '../style/phone.css';
import { listenToKeys } from './dial-pad.ts';
import { phoneView } from './phone-view.ts';
import { Phone } from './phone.ts';

const phone: Phone = new Phone(() => page.redraw());
const page = new Page(() => phoneView(phone));
listenToKeys((digit) => phone.press(digit));
addEventListener('pagehide', () => phone.hangUp());

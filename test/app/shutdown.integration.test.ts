import { afterAll, expect, it } from 'vitest';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { comesTrue } from '../support/comes-true.ts';
import { RawStream, Webhooks } from '../support/raw-stream.ts';
import { PhoneScene } from './phone-scene.ts';

const scene = new PhoneScene();
afterAll(() => scene.close());

it('ends live telephone calls at Twilio, and calls from a browser by their sockets alone', async () => {
  const telephone = await scene.startTelephone();
  const offhook = await scene.start(telephone.settings);
  const { authorization: headers } = offhook;
  const response = await fetch(`${offhook.url}/phone/calls`, { method: 'POST', headers });
  const announced = (await response.json()) as { callSid: string; token: string; socket: string };
  const browser = await RawStream.open(offhook, headers, announced.socket);
  browser.start(announced.callSid, announced.token);
  browser.frames(10);
  await browser.read();

  const callSid = newSid('CA');
  const { token } = await new Webhooks(offhook).ring(callSid);
  const stream = await RawStream.open(offhook);
  stream.start(callSid, token);
  stream.frames(10);
  await stream.read();

  await offhook.close();
  await browser.closed;
  const { requests } = telephone.rest!;
  await comesTrue('Twilio ends the call', () => requests.some((request) => request.callSid === callSid));
  expect(requests.map((request) => request.callSid)).toEqual([callSid]);
});

import { deserialize } from 'node:v8';
import { expect, test } from 'vitest';
import { PeerMachine } from '../../../src/app/machines/peer-machine.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

const INTEREST = { isWatched: true, hasAvailableOperator: false, listened: [] };
const STATE = { calls: [], connected: 0, health: {} as never };

test('what a machine may have missed is told again after five seconds', async () => {
  const clock = new VirtualClock(0);
  const told: unknown[] = [];
  const peer = new PeerMachine({
    machine: { id: 'b', name: 'b' },
    messages: {
      send: (_to, bytes) => {
        told.push((deserialize(bytes) as { name: string }).name);
        return Promise.resolve(1);
      },
    },
    owner: { methods: () => ({}), failed: () => undefined },
    clock,
    format: 'wav',
  });
  const tell = (): void => {
    peer.setInterest(INTEREST);
    peer.report(STATE, 'a state');
  };
  tell();
  await clock.goTo(4_900);
  tell();
  expect(told).toEqual(['desk', 'state']);
  await clock.goTo(5_000);
  tell();
  expect(told).toEqual(['desk', 'state', 'desk', 'state']);
});

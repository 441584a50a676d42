import { describe, expect, test } from 'vitest';
import { SocketHeartbeat } from '../../../src/http/sockets/socket-heartbeat.ts';
import { FakeSocket } from '../../telephony/twilio/fake-socket.ts';

const LIMITS = { pingEveryMs: 5_000, deadAfterMs: 15_000 };

describe('the heartbeat of a socket', () => {
  test('pings at its interval, except a closing socket', () => {
    const socket = new FakeSocket();
    const heartbeat = new SocketHeartbeat(socket.asSocket, () => 0);
    for (const atMs of [4_999, 5_000, 9_999, 10_000]) heartbeat.tick(atMs, LIMITS);
    expect(socket.pings).toBe(2);
    socket.readyState = 2;
    heartbeat.tick(14_999, LIMITS);
    heartbeat.tick(15_000 - 1, LIMITS);
    expect(socket.pings).toBe(2);
  });

  test('detects a peer that is silent for too long; pongs and messages reset the time', () => {
    const socket = new FakeSocket();
    let nowMs = 0;
    const heartbeat = new SocketHeartbeat(socket.asSocket, () => nowMs);
    nowMs = 10_000;
    socket.answers();
    expect(heartbeat.tick(24_999, LIMITS)).toBe(true);
    heartbeat.signOfLife(20_000);
    expect(heartbeat.tick(34_999, LIMITS)).toBe(true);
    expect(heartbeat.tick(35_000, LIMITS)).toBe(false);
    expect(heartbeat.lastSignMs).toBe(20_000);
  });
});

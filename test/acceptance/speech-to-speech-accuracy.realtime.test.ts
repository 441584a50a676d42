import { describe, expect, it } from 'vitest';
import { accuracySuite } from './accuracy-suite.ts';
import { cutReplies } from './said-and-heard.ts';

accuracySuite('realtime', (runs) => {
  describe('the Realtime model', () => {
    it('was told of each interrupted reply how much of it was heard', () => {
      const cut = runs().played.flatMap(cutReplies);
      const told = runs().realtime!.of('conversation.item.truncate');
      expect(cut.length).toBeGreaterThan(5);
      expect(told.length).toBeGreaterThanOrEqual(cut.length - BROKEN_STREAMS);
    });

    it('replied to all calls: nothing was requested of the voice, and of the chat model only that it is there', () => {
      const services = runs().requests.map(({ service }) => service);
      expect(services).not.toContain('speech');
      expect(services.filter((service) => service === 'chat').length).toBeLessThanOrEqual(SERVERS);
    });
  });
});

/** Each lets the chat server load its model once. */
const SERVERS = 2;
/** Replies that were cut with their stream: the caller did not interrupt them, and they are given again. */
const BROKEN_STREAMS = 2;

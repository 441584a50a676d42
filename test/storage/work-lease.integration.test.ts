import { describe } from 'vitest';
import { EmbeddedLeases } from '../../src/storage/work-lease.ts';
import { workLeasePromises } from '../suites/work-leases.ts';

describe('leases of a machine that is alone', () => {
  const leases = new EmbeddedLeases();
  workLeasePromises(() => ({ one: leases, other: leases }));
});

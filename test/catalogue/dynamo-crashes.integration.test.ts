import { brokenWritesAreHealed } from '../suites/dynamo-crashes.ts';

// The external tests interrupt every request.
brokenWritesAreHealed((count) => [Math.ceil((2 * count) / 3)]);

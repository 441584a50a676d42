import { brokenWritesAreHealed } from '../suites/dynamo-crashes.ts';

brokenWritesAreHealed((count) => Array.from({ length: count }, (_, index) => index + 1));

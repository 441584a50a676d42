import path from 'node:path';

/** The script of the command `offhook`. The build that it runs is made before the tests. */
export const OFFHOOK = path.resolve(import.meta.dirname, '../../bin/offhook.mjs');

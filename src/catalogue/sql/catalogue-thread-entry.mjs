/** Starts the SQLite catalogue's thread, which is TypeScript. */
import { register } from 'tsx/esm/api';

register();
await import('./catalogue-thread.ts');

/** Starts a thread whose script is TypeScript: it is named in the thread's `workerData.script`. */
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.script);

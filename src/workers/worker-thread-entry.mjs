/** What the thread pool loads: the TypeScript behind it. */
import { register } from 'tsx/esm/api';

register();
const { default: finishTask } = await import('./worker-thread.ts');

export default finishTask;

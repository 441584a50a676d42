// Parameter of `node --import`: appends the address of each module that is imported to the file that IMPORTED names.
import { register } from 'node:module';

const hook = `
import { appendFileSync } from 'node:fs';
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  appendFileSync(process.env.IMPORTED, found.url + '\\n');
  return found;
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

export { builtPages } from '../../src/storage/package-files.ts';

/** Puts one file into the store and ends: the process that a test kills. Arguments: settings, folder, URL, file; JSON. */
import { S3Store } from '../../../src/object-store/s3/s3-store.ts';
import type { StoreSettings } from '../../../src/settings/settings.ts';
import type { WrittenFile } from '../../../src/storage/durable-file.ts';

const [settings = '', uploads = '', url = '', file = ''] = process.argv.slice(2);
const store = new S3Store(JSON.parse(settings) as StoreSettings, uploads);
await store.put(url, JSON.parse(file) as WrittenFile, 'audio/wav', new AbortController().signal);
store.close();

#!/usr/bin/env node
/** The command `offhook`: TypeScript is run as it is. */
import { register } from 'tsx/esm/api';

process.setSourceMapsEnabled(true);
register();
await import('../src/cli/offhook.ts');

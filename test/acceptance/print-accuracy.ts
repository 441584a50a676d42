import { accuracyTable } from './accuracy-table.ts';
import { measureVariant } from './measure-variant.ts';
import { runVariants } from './run-variants.ts';
import { VARIANTS } from './variants.ts';

/** Prints the measured errors alone: `node --import tsx test/acceptance/print-accuracy.ts [part of a name]`. */
const part = process.argv[2] ?? '';
const runs = await runVariants(VARIANTS.filter(({ name }) => name.includes(part)));
process.stdout.write(`${accuracyTable(runs.played.map(measureVariant))}\n`);
await runs.close();

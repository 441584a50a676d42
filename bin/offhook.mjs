#!/usr/bin/env node
// The command `offhook`. This file has to be parsable by old versions of Node: they get a sentence instead of a stack.
import process from 'process';

var OLDEST = [20, 19];
var parts = process.versions.node.split('.').map(Number);

if (parts[0] < OLDEST[0] || (parts[0] === OLDEST[0] && parts[1] < OLDEST[1])) {
  console.error(
    'offhook needs Node ' + OLDEST.join('.') + ' or newer; this is Node ' + process.versions.node + '.',
  );
  process.exit(2);
} else {
  import('./launch.mjs');
}

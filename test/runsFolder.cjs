// Tests keep their runs in a folder of their own, which is gone when they end. Plain JavaScript, since mocha loads it whatever folder
// the tests are compiled into.
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const folder = mkdtempSync(path.join(tmpdir(), 'credence-runs-'));
process.env['CREDENCE_RUNS'] = folder;
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

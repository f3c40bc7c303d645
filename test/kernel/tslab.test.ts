import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../lib/environment';
import { dataOf, KernelClient, ofType, printed, temporaryFolder } from './client';

/** The command of tslab's kernelspec. */
const tslab = path.join(path.dirname(require.resolve('tslab/package.json')), 'bin', 'tslab');
const command = [process.execPath, tslab, 'kernel', '--config-path'];

describe('the library on stock tslab', () => {
  let kernel: KernelClient;

  before(async () => {
    const cwd = temporaryFolder();
    // installed beside the notebook, as `npm install credence` does
    mkdirSync(path.join(cwd, 'node_modules'));
    symlinkSync(packageRoot, path.join(cwd, 'node_modules', 'credence'), 'dir');
    kernel = await KernelClient.start({ cwd, command });
  });
  after(() => kernel.stop());

  it('trains, and shows what it learned', async () => {
    const trained = await kernel.execute(`
import { adam, data, fit, layers, likelihoods, sequential, vi } from 'credence';
const wave = data.wave({ points: 40, noise: 0.1, seed: 1 });
const model = sequential([layers.dense({ units: 8, activation: 'tanh' }), layers.dense({ units: 1 })]);
const run = fit(model, wave.train, {
  method: vi({ samples: 2 }), likelihood: likelihoods.gaussian(), optimizer: adam(1e-2), epochs: 3, seed: 1, devices: 1,
});
const posterior = await run.done;
console.log(run.state, posterior.predict(wave.test.x, { samples: 4 }).mean.shape[1]);`);
    assert.equal(trained.reply.content['status'], 'ok', printed(trained, 'stderr'));
    assert.match(printed(trained), /^done 1$/m);
  });

  it('shows a picture through the display function of tslab', async () => {
    const shown = await kernel.execute(`
import { show } from 'credence';
import { display } from 'tslab';
display.raw('image/svg+xml', (await show.bands(wave.test.x, posterior.predict(wave.test.x))[Symbol.for('Jupyter.display')]())['image/svg+xml']);`);
    assert.match(
      String(dataOf(ofType(shown, 'display_data')[0])['image/svg+xml']),
      /^<svg/,
      printed(shown, 'stderr'),
    );
  });
});

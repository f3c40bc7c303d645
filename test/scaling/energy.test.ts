import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openMeter, PowerIntegral } from '../../lib/scaling/energy';

describe('what training costs', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'credence-energy-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const zone = (name: string, title: string, microjoules: number, range = 1e9): void => {
    mkdirSync(path.join(folder, name), { recursive: true });
    for (const [file, value] of Object.entries({
      name: title,
      energy_uj: microjoules,
      max_energy_range_uj: range,
    })) {
      writeFileSync(path.join(folder, name, file), `${value}\n`);
    }
  };

  it('adds up packages and memory, and nothing that is part of them', () => {
    zone('intel-rapl:0', 'package-0', 100);
    zone('intel-rapl:0:0', 'core', 50);
    zone('intel-rapl:0:1', 'dram', 10);
    zone('intel-rapl:1', 'package-1', 200);
    zone('intel-rapl:2', 'psys', 400);
    mkdirSync(path.join(folder, 'intel-rapl')); // the driver itself
    const meter = openMeter({ gpus: false, powercap: folder });
    assert.deepEqual(meter.quantity, { unit: 'J', name: 'Energy of the processor', source: 'RAPL' });
    assert.equal(meter.read(), 0);
    zone('intel-rapl:0', 'package-0', 1_000_100);
    zone('intel-rapl:0:0', 'core', 900_000);
    zone('intel-rapl:0:1', 'dram', 250_010);
    zone('intel-rapl:1', 'package-1', 500_200);
    zone('intel-rapl:2', 'psys', 9_000_000);
    assert.equal(meter.read(), 1.75);
    assert.equal(meter.read(), 1.75);
  });

  it('goes on where a counter starts anew, also twice', () => {
    zone('intel-rapl:0', 'package-0', 900_000, 1_000_000);
    const meter = openMeter({ gpus: false, powercap: folder });
    zone('intel-rapl:0', 'package-0', 150_000, 1_000_000);
    assert.equal(meter.read(), 0.25);
    zone('intel-rapl:0', 'package-0', 50_000, 1_000_000);
    assert.equal(meter.read(), 1.15);
  });

  it('counts core-seconds where it may not read the counter, and says that it does', () => {
    mkdirSync(path.join(folder, 'intel-rapl:0')); // without files: reading them fails, as it does for who is not root
    for (const powercap of [folder, path.join(folder, 'missing')]) {
      const meter = openMeter({ gpus: false, powercap });
      assert.equal(meter.quantity.unit, 'core s');
      assert.match(meter.quantity.source, /no energy counter/);
      const before = meter.read();
      const from = process.cpuUsage();
      while (process.cpuUsage(from).user < 50_000);
      const used = meter.read() - before;
      assert.ok(used > 0.045 && used < 5, `${used} core s`);
      meter.close();
    }
  });

  it('integrates power, each sample until the next', () => {
    const power = new PowerIntegral();
    assert.equal(power.until(5), 0);
    power.add('0', 100, 10);
    power.add('1', 30, 11);
    power.add('0', 200, 12);
    assert.equal(power.until(13), 2 * 100 + 200 + 2 * 30);
    assert.equal(power.until(14), 2 * 100 + 2 * 200 + 3 * 30);
  });

  it('asks the program of NVML about all GPUs, and leaves it when it is not there', async function () {
    if (process.platform === 'win32') this.skip();
    const nvidiaSmi = path.join(folder, 'nvidia-smi');
    const loop = 'case "$*" in *loop*) while sleep 0.02; do printf "0, 100.0\\n1, 300.0\\n"; done;; esac';
    writeFileSync(nvidiaSmi, `#!/bin/sh\nprintf '0, 100.0\\n1, 300.0\\n'\n${loop}\n`);
    chmodSync(nvidiaSmi, 0o755);
    const meter = openMeter({ gpus: true, nvidiaSmi });
    try {
      assert.equal(meter.quantity.source, 'NVML');
      // the clock on both sides of each reading: a busy machine may stop between the two
      const clock = (): number => performance.now() / 1000;
      const [before, read, after] = [clock(), meter.read(), clock()];
      await sleep(150);
      const [least, joules, most] = [clock() - after, meter.read() - read, clock() - before];
      assert.ok(joules > 380 * least && joules < 420 * most, `${joules} J in ${least} to ${most} s`);
    } finally {
      meter.close();
    }
    const missing = openMeter({ gpus: true, nvidiaSmi: path.join(folder, 'no-such-program') });
    assert.equal(missing.quantity.unit, 'core s');
  });
});

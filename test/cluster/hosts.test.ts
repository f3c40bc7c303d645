import assert from 'node:assert/strict';
import { flavours, isThere } from '../mpi/ranks';
import { until } from '../wait';
import { drive } from './drive';
import { type Hosts, lacking, makeHosts } from './hosts';

const [mpich] = flavours;
const PATIENCE_S = 4;

describe('cluster: three hosts', function () {
  this.timeout(90_000);
  let hosts: Hosts;
  before(function () {
    const reason = isThere(mpich!) ? lacking() : 'there is no MPICH in the Python environment';
    if (reason === undefined) return void (hosts = makeHosts(3));
    process.stderr.write(`      skipped: ${reason}\n`);
    this.skip();
  });
  after(() => hosts?.remove());

  it('train as one worker does, started from the first, and give each other up when a cable is pulled', async () => {
    const [first, ...others] = hosts.addresses;
    const launch = ['-launcher', 'ssh', '-launcher-exec', hosts.ssh, '-localhost', first!];
    const { trained, failed, gone } = await drive(
      {
        launcher: 'mpirun',
        ranks: 2,
        nodes: 2,
        workersPerRank: 1,
        patience: PATIENCE_S,
        arguments: [...launch, '-hosts', others.join()],
      },
      { ...process.env, UCX_TLS: 'tcp,self' }, // not by memory, which these hosts do share
      hosts.on(0),
    );
    assert.deepEqual(
      trained.ranks.map(({ host }) => host),
      ['host-1', 'host-2'],
    );
    const start = performance.now();
    hosts.cut(2);
    const { code, message } = await failed;
    const seconds = (performance.now() - start) / 1000;
    assert.equal(code, 'E_MPI');
    assert.match(message, /^rank 0 of 2 on host-1 has failed: the all-reduce was not done within 4\.0 s/);
    assert.ok(seconds > PATIENCE_S - 1 && seconds < PATIENCE_S + 10, `${seconds}`);
    await gone();
    for (const host of [0, 1, 2]) await until(() => hosts.processes(host).length === 0);
  });
});

import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import path from 'node:path';
import { runScript } from '../child';
import type { GivenUp, Sums, Threads } from './rank';
import { flavours, isThere, runRanks } from './ranks';

for (const flavour of flavours) {
  describe(`ranks on ${flavour.name}`, function () {
    this.timeout(60_000);
    before(function () {
      if (!isThere(flavour)) this.skip();
    });

    for (const size of [2, 3]) {
      it(`${size} add up, compare and spread numbers, each in its own memory`, async () => {
        const { code, reports, stderr } = await runRanks<Sums>(flavour, size, 'sums');
        assert.equal(code, 0, stderr);
        assert.equal(reports.length, size);
        const total = (size * (size - 1)) / 2; // of the ranks
        reports.forEach((report, rank) =>
          assert.deepEqual(report, {
            rank,
            size,
            host: hostname(),
            kind: flavour.variables['CREDENCE_MPI'] ? 'standard' : flavour.kind,
            float32: [total, 0.5 * size],
            max: [size - 1, 0],
            min: [0, 1 - size],
            float64: [size * 2 ** 40 + total, size * 1e-300],
            int32: [total, size * (2 ** 24 + 1)], // more than float32 can count
            shared: [0, total + size, total + size, total + size],
            broadcast: [size - 1, 9 + size],
            swapped: reports.flatMap((_, from) => [0, 1].map((i) => 1000 * from + 2 * rank + i)),
            gathered: reports.flatMap((_, from) => [from, 7 * from]),
            large: [total + size, total + size],
            empty: 0,
          }),
        );
      });
    }

    it('that end without finish leave the job in order', async () => {
      const { code, reports, stderr } = await runRanks<boolean>(flavour, 2, 'leave');
      assert.deepEqual([code, reports], [0, [true, true]], stderr);
    });

    it('give up a wait for one that does not come, and end it with the job', async () => {
      const { code, reports, ms } = await runRanks<GivenUp[]>(flavour, 2, 'absent');
      assert.notEqual(code, 0);
      assert.ok(ms < 20_000, `the job took ${ms} ms, as if the absent rank had not been ended`);
      const [[deadline, abandoned]] = reports as [[GivenUp, GivenUp]];
      assert.match(deadline.message, /all-reduce was not done within 0\.3 s\. Some rank has not come to it/);
      assert.ok(deadline.ms >= 300 && deadline.ms < 2000, String(deadline.ms));
      assert.match(abandoned.message, /barrier was abandoned/);
    });

    for (const scenario of ['throws', 'killed'] as const) {
      it(`that wait for one that ${scenario === 'throws' ? 'throws' : 'is killed'} end with it`, async () => {
        const { code, ms } = await runRanks(flavour, 2, scenario);
        assert.notEqual(code, 0);
        assert.ok(ms < 20_000, `the job took ${ms} ms`);
      });
    }

    it('work in a worker thread, while the main thread lives', async () => {
      const { code, reports, stderr } = await runRanks<Threads>(flavour, 2, 'threads');
      assert.equal(code, 0, stderr);
      for (const { sums } of reports) assert.deepEqual(sums, [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
      assert.ok(
        reports[0]!.ticks >= 20,
        `the main thread ticked ${reports[0]!.ticks} times in half a second`,
      );
    });
  });
}

describe('a library that does not fit', function () {
  this.timeout(60_000);
  const [mpich, , openMpi] = flavours as [(typeof flavours)[0], (typeof flavours)[0], (typeof flavours)[0]];
  const libraryOf = ({ program }: typeof mpich, name: string): string =>
    path.join(path.dirname(program), '..', 'lib', name);
  before(function () {
    if (!isThere(mpich)) this.skip();
  });

  it("is refused before it starts: Open MPI's under MPICH's mpiexec, and the other way round", async function () {
    if (!isThere(openMpi)) this.skip();
    const wrong = { ...mpich, variables: { CREDENCE_MPI: libraryOf(openMpi, 'libmpi.so.40') } };
    const { reports } = await runRanks<string>(wrong, 2, 'refused');
    assert.match(reports[0]!, /MPICH's mpiexec started this process, but .*libmpi\.so\.40 is Open MPI's/);
    const other = { ...openMpi, variables: { CREDENCE_MPI: libraryOf(mpich, 'libmpi.so.12') } };
    const { reports: others } = await runRanks<string>(other, 2, 'refused');
    assert.match(others[0]!, /Open MPI's mpirun started this process, but .*libmpi\.so\.12 is MPICH's/);
  });

  it('is refused where it sees fewer ranks than were started', async () => {
    // a launcher that it does not understand, as srun without --mpi is
    const { code, stderr } = await runScript("require('./mpi/mpi').Mpi.start()", {
      SLURM_STEP_NUM_TASKS: '4',
    });
    assert.notEqual(code, 0);
    assert.match(stderr, /E_MPI/);
    assert.match(stderr, /4 ranks were started, but the MPI library .* sees 1: .*--mpi=pmi2/);
  });

  it('is refused with its reason where it cannot be loaded, and the next best is not taken', async () => {
    const file = path.join(__dirname, 'ranks.js');
    const { code, stderr } = await runScript("require('./mpi/library').findMpi()", { CREDENCE_MPI: file });
    assert.notEqual(code, 0);
    assert.match(stderr, /ranks\.js cannot be loaded: .*It was chosen by CREDENCE_MPI/);
  });

  it('is named with a remedy where there is none', async () => {
    const { code, stderr } = await runScript("require('./mpi/library').findMpi()", {
      PATH: '/nowhere',
      CREDENCE_PYTHON: '/nowhere/bin/python',
      OMPI_COMM_WORLD_SIZE: '2',
    });
    assert.notEqual(code, 0);
    assert.match(stderr, /no MPI library was found that fits Open MPI's mpirun.*libmpi\.so\.40 in \/nowhere/);
    assert.match(stderr, /-m pip install mpich.*CREDENCE_MPI/);
  });
});

describe('a process that nobody launched', function () {
  this.timeout(60_000);
  before(function () {
    if (!isThere(flavours[0]!)) this.skip();
  });

  it('is a job of one rank', async () => {
    const { code, stdout, stderr } = await runScript(`
      const { Mpi } = require('./mpi/mpi');
      const mpi = Mpi.start();
      const values = Float64Array.of(1, 2);
      mpi.allreduce(values);
      mpi.broadcast(values);
      mpi.barrier();
      console.log(mpi === Mpi.start(), mpi === Mpi.attach(), mpi.rank, mpi.size, values.join());
      mpi.finish();
      for (const call of [() => mpi.barrier(), () => Mpi.start(), () => Mpi.attach()]) {
        try { call(); } catch (error) { console.log(error.code, error.message); }
      }`);
    assert.equal(code, 0, stderr);
    const [first, ...refusals] = stdout.trim().split('\n');
    assert.equal(first, 'true true 0 1 1,2');
    assert.equal(refusals.length, 3);
    for (const refusal of refusals) assert.match(refusal, /E_MPI this process has left its job/);
  });

  it("leaves the C library's functions alone, which Node's other threads may be running", async () => {
    const { code, stdout, stderr } = await runScript(`
      const koffi = require('koffi');
      const c = koffi.load(process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6');
      const dlsym = c.func('dlsym', 'void *', ['void *', 'const char *']);
      const memcpy = c.func('memcpy', 'void *', ['void *', 'void *', 'size_t']);
      const code = () => ['mmap', 'munmap', 'madvise', 'sbrk'].map((name) => {
        const bytes = Buffer.alloc(16);
        memcpy(bytes, dlsym(null, name), 16);
        return bytes.toString('hex');
      }).join();
      const before = code();
      const mpi = require('./mpi/mpi').Mpi.start();
      mpi.allreduce(new Float32Array(1e6));
      console.log(code() === before);`);
    assert.deepEqual([code, stdout], [0, 'true\n'], stderr);
  });

  it('is told what it does wrong', async () => {
    const { code, stdout, stderr } = await runScript(`
      const { Worker, isMainThread } = require('node:worker_threads');
      const { Mpi } = require('./mpi/mpi');
      const told = (call) => { try { call(); } catch (error) { console.log(error.code, error.message); } };
      told(() => Mpi.attach());
      const mpi = Mpi.start();
      told(() => mpi.allreduce(new Uint8Array(4)));
      told(() => mpi.broadcast(new Uint8Array(4), 1));
      const library = JSON.stringify(require.resolve('./mpi/mpi'));
      new Worker(\`const { Mpi } = require(\${library});
        for (const call of [() => Mpi.start(), () => Mpi.attach().finish()]) {
          try { call(); } catch (error) { console.log(error.code, error.message); }
        }\`, { eval: true });`);
    assert.equal(code, 0, stderr);
    const told = stdout.trim().split('\n');
    assert.equal(told.length, 5, stdout);
    assert.match(told[0]!, /E_MPI Mpi\.attach: this process has not joined a job/);
    assert.match(told[1]!, /E_OPTION .*takes a Float32Array.*got a Uint8Array/);
    assert.match(told[2]!, /E_OPTION .*from 0 to 0, got 1/);
    assert.match(told[3]!, /E_MPI Mpi\.start was called in a worker thread/);
    assert.match(told[4]!, /E_MPI finish was called in a worker thread/);
  });
});

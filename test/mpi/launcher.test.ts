import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { findLauncher } from '../../lib/mpi/launcher';
import { refuses } from '../refuses';
import { flavours, isThere } from './ranks';

describe('the launcher', function () {
  this.timeout(60_000);
  const [mpich, , openMpi] = flavours as [(typeof flavours)[0], (typeof flavours)[0], (typeof flavours)[0]];
  let folder: string;
  const usual = { ...process.env };
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'credence-launcher-'))));
  afterEach(() => {
    for (const name of ['PATH', 'SLURM_JOB_ID', 'CREDENCE_PYTHON', 'CREDENCE_MPI']) {
      if (usual[name] === undefined) delete process.env[name];
      else process.env[name] = usual[name];
    }
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (name: string, script: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  };

  it("of the Python environment is MPICH's, and starts ranks", function () {
    if (!isThere(mpich)) this.skip();
    process.env['PATH'] = '/usr/bin:/bin';
    const { kind, program, flags } = findLauncher('mpirun');
    if (program !== mpich.program) this.skip(); // the system has one of its own
    assert.equal(kind, 'mpich');
    assert.deepEqual(flags(6, 4), ['-n', '6', '-ppn', '2']);
    const rank = [process.execPath, '-p', 'process.env.PMI_RANK'];
    const said = execFileSync(program, [...flags(2), ...rank], { encoding: 'utf8' });
    assert.deepEqual(said.trim().split('\n').sort(), ['0', '1']);
  });

  it("on the PATH is preferred; Open MPI's gets the flags it needs", function () {
    if (!isThere(openMpi)) this.skip();
    process.env['PATH'] = `${path.dirname(openMpi.program)}:${usual['PATH']}`;
    process.env['CREDENCE_PYTHON'] = 'python3';
    const { kind, program, flags } = findLauncher('mpirun');
    assert.deepEqual([kind, path.dirname(program)], ['openmpi', path.dirname(openMpi.program)]);
    const count = availableParallelism() + 1;
    const all = flags(count).join(' ');
    assert.match(all, /--bind-to none/);
    assert.match(all, /-x CREDENCE_PYTHON/);
    assert.match(all, /--oversubscribe/);
    assert.doesNotMatch(flags(count, 2).join(' '), /--oversubscribe/); // on several machines there are more cores
    const rank = [process.execPath, '-p', 'process.env.OMPI_COMM_WORLD_RANK'];
    const said = execFileSync(program, [...flags(2), ...rank], { encoding: 'utf8' });
    assert.deepEqual(said.replaceAll(/\s*\n/g, '\n').trim().split('\n').sort(), ['0', '1']);
  });

  it("is Slurm's srun in an allocation, and where it is asked for", function () {
    if (!isThere(mpich)) this.skip();
    write('srun', 'exit 1');
    process.env['PATH'] = `${folder}:/usr/bin:/bin`;
    process.env['SLURM_JOB_ID'] = '7';
    const { kind, program, flags } = findLauncher();
    assert.deepEqual([kind, program], ['slurm', path.join(folder, 'srun')]);
    assert.deepEqual(flags(8, 2), ['--mpi=pmi2', '--kill-on-bad-exit=1', '--ntasks=8', '--nodes=2']);
    assert.notEqual(findLauncher('mpirun').kind, 'slurm');
    delete process.env['SLURM_JOB_ID'];
    assert.notEqual(findLauncher().kind, 'slurm');
    assert.equal(findLauncher('srun').kind, 'slurm');
  });

  it('that is missing or unknown is refused, with what to do', () => {
    symlinkSync('/bin/sh', path.join(folder, 'sh'));
    process.env['PATH'] = folder;
    process.env['CREDENCE_PYTHON'] = path.join(folder, 'python');
    delete process.env['CREDENCE_MPI'];
    refuses(() => findLauncher(), 'E_MPI', /no launcher of MPI was found: .*'npm start'/);
    refuses(() => findLauncher('srun'), 'E_MPI', /no srun on the PATH.*Use 'mpirun'/);
    write('mpiexec', 'echo some other program');
    refuses(() => findLauncher(), 'E_MPI', /no launcher of MPICH .*some other program/);
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { candidates, onPath, startedBy } from '../../lib/mpi/places';

describe('where an MPI library is looked for', function () {
  before(function () {
    if (process.platform !== 'linux') this.skip(); // its names are others elsewhere
  });

  let folder: string;
  const at = (...names: string[]): string => path.join(folder, ...names);
  const usual = process.env['CREDENCE_PYTHON'];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'credence-places-'));
    const files = [
      'site/bin/mpiexec',
      'site/lib/libmpi.so.40',
      'site/lib/libmpi_abi.so.1',
      'own/libmpi.so.40',
    ];
    for (const file of [...files, 'python/bin/python', 'python/lib/libmpi.so.12']) {
      mkdirSync(path.dirname(at(file)), { recursive: true });
      writeFileSync(at(file), '');
    }
    process.env['CREDENCE_PYTHON'] = at('python/bin/python');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    if (usual === undefined) delete process.env['CREDENCE_PYTHON'];
    else process.env['CREDENCE_PYTHON'] = usual;
  });
  const found = (env: NodeJS.ProcessEnv): string[] =>
    candidates(env).files.map((file) => path.relative(folder, file));

  it('CREDENCE_MPI decides alone, even where it is wrong', () => {
    assert.deepEqual(candidates({ CREDENCE_MPI: '/no/such/libmpi.so', PATH: at('site/bin') }), {
      files: ['/no/such/libmpi.so'],
      names: [],
      folders: [],
    });
  });

  it('beside the mpiexec on the PATH before the Python environment', () => {
    const PATH = `/nowhere:${at('site/bin')}`;
    assert.equal(onPath('mpiexec', { PATH }), at('site/bin/mpiexec'));
    assert.deepEqual(found({ PATH }), [
      'site/lib/libmpi.so.40',
      'site/lib/libmpi_abi.so.1',
      'python/lib/libmpi.so.12',
    ]);
    assert.deepEqual(found({ PATH: '/nowhere' }), ['python/lib/libmpi.so.12']);
  });

  it('only what fits the launcher that started the process', () => {
    const PATH = at('site/bin');
    assert.deepEqual(found({ PATH, OMPI_COMM_WORLD_SIZE: '2', OMPI_LIBDIR_LOC: at('own') }), [
      'own/libmpi.so.40',
      'site/lib/libmpi.so.40',
    ]);
    assert.deepEqual(found({ PATH, PMI_SIZE: '2' }), ['site/lib/libmpi_abi.so.1', 'python/lib/libmpi.so.12']);
    assert.deepEqual(candidates({ PATH, OMPI_COMM_WORLD_SIZE: '2' }).names, ['libmpi.so.40']);
  });

  it('whose launcher that was, the environment tells; under Slurm it may be either', () => {
    assert.equal(startedBy({}), undefined);
    assert.equal(startedBy({ OMPI_COMM_WORLD_SIZE: '2' }), 'openmpi');
    assert.equal(startedBy({ PMI_SIZE: '2' }), 'mpich');
    assert.equal(startedBy({ PMI_SIZE: '2', SLURM_STEP_ID: '0' }), undefined);
    assert.equal(startedBy({ PMI_SIZE: '2', SLURM_STEP_ID: '0', HYDI_CONTROL_FD: '7' }), 'mpich');
  });
});

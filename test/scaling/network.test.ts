import assert from 'node:assert/strict';
import { measureNetwork } from '../../lib/scaling';

describe('measureNetwork', function () {
  it('measures what adding up costs two processes, and a hop and a byte of it', async function () {
    const { ranks, betweenHop, betweenByte, times } = await measureNetwork().catch(
      (error: { code: string }) => {
        if (error.code === 'E_MPI') return this.skip(); // there is no launcher
        throw error;
      },
    );
    assert.equal(ranks, 2);
    assert.ok(betweenHop > 0 && betweenHop < 0.1, String(betweenHop));
    assert.ok(betweenByte > 0 && betweenByte < 1e-6, String(betweenByte));
    assert.deepEqual(
      times.map(({ bytes }) => bytes),
      [4, 1e4, 1e5, 1e6, 1e7],
    );
    assert.ok(times.every(({ seconds }) => seconds > 0));
    // ten megabytes take longer than four bytes, whatever else the machine does
    assert.ok(times.at(-1)!.seconds > 10 * times[0]!.seconds, JSON.stringify(times));
  });

  it('refuses what it cannot do, and says what the job has said', async () => {
    await assert.rejects(measureNetwork({ ranks: 1 }), {
      code: 'E_OPTION',
      message: /'ranks' must be a whole number of at least 2/,
    });
    await assert.rejects(measureNetwork({ launcher: 'ssh' as never }), { code: 'E_OPTION' });
    await assert.rejects(
      measureNetwork({ arguments: ['-no-such-flag'] }),
      (error: { code: string; message: string }) => {
        assert.ok(error.code === 'E_CLUSTER' || error.code === 'E_MPI');
        if (error.code === 'E_CLUSTER')
          assert.match(error.message, /by hand: .*mpi.* -n 2 .*-no-such-flag .*It said:/s);
        return true;
      },
    );
  });
});

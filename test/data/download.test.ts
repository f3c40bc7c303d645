import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureFile, ensureFiles, type RemoteFile } from '../../lib/data/download';
import type { CredenceError } from '../../lib/errors';
import { closedPort } from './closedPort';

const CONTENT = Buffer.from('date,OT\n'.repeat(5000));

describe('data: download', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'credence-download-'));
  const folder = path.join(home, 'new', 'folder');
  const file = path.join(folder, 'data.csv');
  let server: Server;
  let remote: RemoteFile;
  let answer: (response: ServerResponse) => void;

  before((done) => {
    server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1', () => {
      remote = {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.csv`,
        bytes: CONTENT.length,
        sha256: createHash('sha256').update(CONTENT).digest('hex'),
      };
      done();
    });
  });
  after((done) => {
    rmSync(home, { recursive: true });
    server.closeAllConnections();
    server.close(done);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const fails = async (pattern: RegExp, patience?: number): Promise<void> => {
    await assert.rejects(ensureFile(remote, file, { patience }), (error: CredenceError) => {
      assert.equal(error.code, 'E_FILE');
      assert.match(error.message, pattern);
      for (const part of [remote.url, folder, 'CREDENCE_DATA']) assert.ok(error.message.includes(part), part);
      return true;
    });
    assert.deepEqual(readdirSync(folder), [], 'nothing is left behind');
  };

  it('brings the file, whole, and tells how far it is', async () => {
    answer = (response) => response.end(CONTENT);
    const progress: [number, number][] = [];
    await ensureFile(remote, file, { onProgress: (...step) => progress.push(step) });
    assert.deepEqual(readFileSync(file), CONTENT);
    assert.deepEqual(readdirSync(folder), ['data.csv']);
    assert.deepEqual(progress.at(-1), [CONTENT.length, CONTENT.length]);
  });

  it('does not ask for a file that is there', async () => {
    answer = (response) => response.end(CONTENT);
    await ensureFile(remote, file);
    writeFileSync(file, 'mine');
    answer = () => assert.fail('the server was asked');
    await ensureFile(remote, file);
    assert.equal(readFileSync(file, 'utf8'), 'mine');
  });

  it('refuses a truncated file', async () => {
    answer = (response) => response.end(CONTENT.subarray(1));
    await fails(/has 39999 bytes instead of 40000/);
  });

  it('refuses a file that goes on', async () => {
    answer = (response) => response.end(Buffer.concat([CONTENT, CONTENT]));
    await fails(/longer than the 40000 bytes/);
  });

  it('refuses a corrupt file of the right length', async () => {
    answer = (response) => response.end(Buffer.from(CONTENT).fill('x', 77, 78));
    await fails(/checksum is wrong/);
  });

  it('refuses a page that says that there is no file', async () => {
    answer = (response) => response.writeHead(404).end('not here');
    await fails(/the server answered 404/);
  });

  it('leaves no half file when the connection breaks', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 1000), () => response.destroy());
    };
    await fails(/UND_ERR_SOCKET|ECONNRESET|terminated/);
  });

  it('gives up on a server that falls silent', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 1000));
    };
    await fails(/no data for 0.2 seconds/, 0.2);
  });

  it('says that nobody answers', async () => {
    const url = remote.url;
    remote.url = `${await closedPort()}/data.csv`;
    await fails(/ECONNREFUSED/);
    remote.url = url;
  });

  it('says that the folder cannot be written', async () => {
    writeFileSync(path.join(home, 'blocked'), '');
    const inside = path.join(home, 'blocked', 'data.csv');
    await assert.rejects(ensureFile(remote, inside), (error: CredenceError) => {
      assert.equal(error.code, 'E_FILE');
      assert.match(error.message, /EEXIST|ENOTDIR/);
      return true;
    });
  });

  it('brings those of several files that are missing, and tells how far all are', async () => {
    const { bytes, sha256 } = remote;
    const home = path.dirname(remote.url);
    answer = (response) => response.end(CONTENT);
    await ensureFile(remote, file);
    const asked: string[] = [];
    server.on('request', ({ url }) => asked.push(url!));
    const progress: [number, number][] = [];
    const files = { 'a.csv': { bytes, sha256 }, 'data.csv': { bytes, sha256 }, 'b.csv': { bytes, sha256 } };
    for (const url of [home, `${home}/`]) {
      await ensureFiles(url, files, folder, { onProgress: (...step) => progress.push(step) });
    }
    assert.deepEqual(asked, ['/a.csv', '/b.csv']);
    assert.deepEqual(readdirSync(folder), ['a.csv', 'b.csv', 'data.csv']);
    assert.deepEqual(progress.at(-1), [2 * bytes, 2 * bytes]);
    assert.ok(progress.some(([received]) => received === bytes));
  });
});

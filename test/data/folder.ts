import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageRoot } from '../../lib/environment';

/** Points CREDENCE_DATA to an empty folder of its own for each test of a suite. @returns tells which */
export function ownDataFolder(): () => string {
  const previous = process.env['CREDENCE_DATA'];
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'credence-data-'));
    process.env['CREDENCE_DATA'] = home;
  });
  afterEach(() => {
    if (previous === undefined) delete process.env['CREDENCE_DATA'];
    else process.env['CREDENCE_DATA'] = previous;
    rmSync(home, { recursive: true });
  });
  return () => home;
}

/** A server on this machine for the tests of a suite. @returns tells its address, and which paths it was asked for */
export function mirror(answer: (path: string) => Buffer | undefined): { url: () => string; asked: string[] } {
  const asked: string[] = [];
  let server: Server;
  before((done) => {
    server = createServer(({ url = '' }, response) => {
      asked.push(url);
      const content = answer(url);
      if (content) response.end(content);
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1', done);
  });
  beforeEach(() => asked.splice(0));
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });
  return { url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** A file of the folder test/data/golden, which make.py there has made. */
export const goldenFile = (name: string): string => path.join(packageRoot, 'test', 'data', 'golden', name);

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { kernelCommand } from '../../kernel/install';
import { connectionFile, KernelClient, temporaryFolder } from './client';

const exists = (pid: number): boolean => spawnSync('kill', ['-0', String(pid)]).status === 0;

async function gone(pid: number, patience: number): Promise<boolean> {
  for (const end = Date.now() + patience; Date.now() < end;) {
    if (!exists(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

describe('the life of a kernel', () => {
  it('ends with the server that started it', async () => {
    // a server that starts the kernel as Jupyter does, and is killed
    const folder = temporaryFolder();
    const server = path.join(folder, 'server.js');
    const client = await KernelClient.start();
    await client.stop();
    const file = connectionFile(client.ports, { key: 'k' });
    const [node, ...argv] = kernelCommand();
    writeFileSync(
      server,
      `const { spawn } = require('node:child_process');
       const kernel = spawn(${JSON.stringify(node)}, ${JSON.stringify([...argv, file])}, {
         env: { ...process.env, JPY_PARENT_PID: String(process.pid) }, stdio: 'ignore',
       });
       process.stdout.write(String(kernel.pid));
       setInterval(() => {}, 1000);`,
    );
    const child = spawn(process.execPath, [server], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [output] = (await once(child.stdout, 'data')) as [Buffer];
    const kernel = Number(output.toString());
    await new Promise((resolve) => setTimeout(resolve, 2500));
    assert.ok(exists(kernel));
    child.kill('SIGKILL');
    assert.ok(await gone(kernel, 8000), 'the kernel outlived its server');
  });

  it('does not begin without a connection file, and says why', () => {
    const [node, ...argv] = kernelCommand() as [string, ...string[]];
    const start = (...more: string[]) => spawnSync(node, [...argv, ...more], { encoding: 'utf8' });
    assert.match(start().stderr, /started by Jupyter with a connection file/);
    const missing = start('/nowhere/connection.json');
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /the connection file '\/nowhere\/connection.json' cannot be read/);
    const file = path.join(temporaryFolder(), 'connection.json');
    writeFileSync(file, '{"transport": "tcp", "ip": "127.0.0.1", "shell_port": "x"}');
    assert.match(start(file).stderr, /is not valid: shell_port: /);
  });

  it('ends when a cell ends the process, after its output', async () => {
    const kernel = await KernelClient.start();
    const exit = once(kernel.process, 'exit');
    await kernel.send('shell', 'execute_request', { code: `console.log('bye'); process.exit(3);` });
    assert.deepEqual(await exit, [3, null]);
    await kernel.until('the output', () =>
      kernel.published.find(({ content }) => content['text'] === 'bye\n'),
    );
    await kernel.stop();
  });

  it('ends when its ports are taken', async () => {
    const first = await KernelClient.start();
    const file = connectionFile(first.ports, { key: 'k' });
    const [node, ...argv] = kernelCommand() as [string, ...string[]];
    const { status, stderr } = spawnSync(node, [...argv, file], { encoding: 'utf8', timeout: 20_000 });
    assert.equal(status, 1);
    assert.match(stderr, /Address already in use/i);
    await first.stop();
  });
});

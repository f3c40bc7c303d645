/** Hosts on one machine: each has a network and a name of its own, and they are linked by a bridge in the first. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Why there cannot be any here, if there cannot. */
export function lacking(): string | undefined {
  const { status } = spawnSync('unshare', ['--net', '--uts', 'ip', 'link', 'add', 'try', 'type', 'bridge']);
  return status === 0 ? undefined : 'no networks can be made here: that takes root, ip and unshare';
}

const addressOf = (host: number): string => `10.77.0.${host + 1}`;

export interface Hosts {
  /** By number. */
  addresses: string[];
  /** A program that takes the words of ssh, and runs a command on another host. */
  ssh: string;
  /** Words that go ahead of a command to run it on this host. */
  on(host: number): string[];
  /** Pulls the cable of one but the first. */
  cut(host: number): void;
  /** Processes on this host. */
  processes(host: number): number[];
  remove(): void;
}

export function makeHosts(count: number): Hosts {
  const folder = mkdtempSync(path.join(tmpdir(), 'credence-hosts-'));
  const name = (host: number): string => `credence-${process.pid}-${host}`;
  const ip = (...words: string[]): string => execFileSync('ip', words, { encoding: 'utf8' });
  const inside = (host: number, words: string): string => ip('-netns', name(host), ...words.split(' '));
  const numbers = Array.from({ length: count }, (_, host) => host);
  for (const host of numbers) {
    ip('netns', 'add', name(host));
    inside(host, 'link set lo up');
  }
  inside(0, 'link add bridge type bridge');
  inside(0, `addr add ${addressOf(0)}/24 dev bridge`);
  inside(0, 'link set bridge up');
  for (const host of numbers.slice(1)) {
    inside(0, `link add cable${host} type veth peer name card netns ${name(host)}`);
    inside(0, `link set cable${host} master bridge up`);
    inside(host, `addr add ${addressOf(host)}/24 dev card`);
    inside(host, 'link set card up');
  }
  const ssh = path.join(folder, 'ssh');
  writeFileSync(
    ssh,
    `#!/bin/sh
while [ "\${1#-}" != "$1" ]; do shift; done
host=$((\${1##*.} - 1)); shift
exec ip netns exec credence-${process.pid}-$host unshare --uts sh -c "hostname host-$host; $*"
`,
  );
  chmodSync(ssh, 0o755);
  const processes = (host: number): number[] =>
    ip('netns', 'pids', name(host)).split('\n').filter(Boolean).map(Number);
  return {
    addresses: numbers.map(addressOf),
    ssh,
    on: (host) => ['ip', 'netns', 'exec', name(host)],
    cut: (host) => void inside(0, `link set cable${host} down`),
    processes,
    remove: () => {
      for (const host of numbers) {
        processes(host).forEach((pid) => process.kill(pid, 'SIGKILL'));
        ip('netns', 'delete', name(host));
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * What the machine leaves of a core's speed when all work: `node apart.js FOLDER --threads N` are N lone Credences, each bound to a
 * core, which know nothing of each other and take their turns at the same time. As a contender they are one, with their mean rate.
 * `--samples` are those of each, if not as many as the problem says.
 */
import { parseArgs } from 'node:util';
import { Contender } from './contender';
import { ourEntry } from './contenders';
import { lastCores } from './cores';
import { type Contestant, serve } from './wire';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

async function build(folder: string, count: number, samples: string | undefined): Promise<Contestant> {
  const cores = lastCores(count);
  const more = samples === undefined ? [] : ['--samples', samples];
  const entry = ourEntry('weights', ...more);
  const starting = Array.from({ length: count }, (_, i) => {
    const place = { threads: 1, device: 'cpu', cores: cores.slice(i, i + 1) } as const;
    return Contender.start(`number ${i + 1}`, entry.command(place, folder));
  });
  const started = await Promise.all(starting);
  const [, ready] = started[0]!;
  return {
    ready,
    async run(steps) {
      const ran = await Promise.all(started.map(([contender]) => contender.run(steps)));
      const rate = sum(ran.map((turn) => turn.steps / turn.wallMs)) / count;
      return {
        steps,
        wallMs: steps / rate,
        cpuMs: steps * sum(ran.map((turn) => turn.cpuMs / turn.steps)),
        loss: ran[0]!.loss,
        peakMiB: sum(ran.map(({ peakMiB }) => peakMiB ?? NaN)),
        peakAboveImportMiB: sum(ran.map(({ peakAboveImportMiB }) => peakAboveImportMiB ?? NaN)),
      };
    },
  };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      threads: { type: 'string', default: '2' },
      device: { type: 'string', default: 'cpu' },
      samples: { type: 'string' },
    },
  });
  await serve(() => build(positionals[0]!, Number(values.threads), values.samples));
  process.exit(); // those that were started end with their input
}

void main();

import { percent } from '../../lib/figures/numbers';
import type { ListedRun } from '../../lib/figures/wire/runsWire';
import { element } from './element';
import { t, tn } from './texts';

type Device = ListedRun['devices'][number];

const activities = ['compute', 'exchange', 'wait'] as const;
/** Of a large machine the first workers tell enough. */
const SHOWN = 8;

const labels = (): Record<(typeof activities)[number], string> => ({
  compute: t('compute'),
  exchange: t('exchange'),
  wait: t('wait'),
});

/** What each worker's time goes to: a bar for each, in as many colours as there are activities, and what they mean. */
export class DeviceBars {
  readonly node = element('div', { class: 'credence-devices', attributes: { hidden: '' } });
  private readonly list = element('ul', { attributes: { 'aria-label': t('Workers') } });
  private shown = '';

  constructor() {
    this.node.append(this.list, legend());
  }

  render(devices: readonly Device[]): void {
    this.node.hidden = devices.length === 0;
    const text = JSON.stringify(
      devices.map((device) => shares(device).map((share) => Math.round(100 * share))),
    );
    if (text === this.shown) return;
    this.shown = text;
    const rest = devices.length - SHOWN;
    this.list.replaceChildren(
      ...devices.slice(0, SHOWN).map(bar),
      ...(rest > 0 ? [element('li', { text: tn('and %1 more', 'and %1 more', rest) })] : []),
    );
  }
}

function shares(device: Device): number[] {
  const total = activities.reduce((sum, activity) => sum + device[activity], 0);
  return activities.map((activity) => (total > 0 ? device[activity] / total : 0));
}

function bar(device: Device, rank: number): HTMLElement {
  const parts = shares(device);
  const words = labels();
  const told = activities.map((activity, i) => `${percent(parts[i]!)} ${words[activity]}`).join(', ');
  return element(
    'li',
    { class: 'credence-device' },
    element('span', {
      class: 'credence-deviceName',
      text: `${rank} ${device.name}`,
      attributes: { title: device.name },
    }),
    element(
      'span',
      {
        class: 'credence-deviceBar',
        attributes: { role: 'img', 'aria-label': t('Worker %1: %2', rank, told), title: told },
      },
      ...activities.map((activity, i) => {
        const part = element('span', { class: `credence-${activity}` });
        part.style.width = `${100 * parts[i]!}%`;
        return part;
      }),
    ),
    element('span', {
      class: 'credence-share',
      text: percent(parts[0]!),
      attributes: { 'aria-hidden': 'true' },
    }),
  );
}

function legend(): HTMLElement {
  const words = labels();
  const entries = activities.map((activity) =>
    element(
      'span',
      {},
      element('span', { class: `credence-key credence-${activity}` }),
      element('span', { text: words[activity] }),
    ),
  );
  return element('p', { class: 'credence-legend', attributes: { 'aria-hidden': 'true' } }, ...entries);
}

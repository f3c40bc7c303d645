import assert from 'node:assert/strict';
import { drawPicture } from '../../lib/figures/svg/picture';
import { type Figure, parseView, WIRE_VERSION } from '../../lib/figures/wire/messages';

/** Asserts that a figure survives the wire, and that a picture of it holds its title and these texts. */
export function draws(figure: Figure, ...texts: readonly string[]): void {
  const view = { version: WIRE_VERSION, kind: 'figure', figures: [figure] };
  const sent = JSON.parse(JSON.stringify(view)) as unknown;
  assert.deepEqual(parseView(sent), { ok: true, value: sent });
  const svg = drawPicture([figure]);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
  for (const text of [figure.title, ...texts]) assert.ok(svg.includes(`>${text}<`), `${text} is not drawn`);
}

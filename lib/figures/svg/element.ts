import { escapeXml } from '../escape';

/** Attributes of an element; those that are undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Hundredths of a pixel are enough, and keep the picture small. */
export const round = (value: number): number => Math.round(value * 100) / 100;

const attribute = ([name, value]: [string, string | number | undefined]): string =>
  value === undefined ? '' : ` ${name}="${typeof value === 'number' ? round(value) : escapeXml(value)}"`;

/** An SVG element; the children are finished markup. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const opening = `<${name}${Object.entries(attributes).map(attribute).join('')}`;
  const content = children.join('');
  return content === '' ? `${opening}/>` : `${opening}>${content}</${name}>`;
}

/** How a text is set. (x, y) is a point on its baseline unless `dy` moves it. */
export interface TextOptions extends Attributes {
  x: number;
  y: number;
}

/** A text; each '\n' starts a line below. */
export function text(content: string, options: TextOptions): string {
  const lines = content.split('\n');
  if (lines.length === 1) return element('text', options, escapeXml(content));
  const spans = lines.map((line, i) =>
    element('tspan', { x: options.x, dy: i === 0 ? undefined : '1.25em' }, escapeXml(line)),
  );
  return element('text', options, ...spans);
}

/** About how wide a text is: system fonts differ, so this leans to the wide side. */
export const textWidth = (content: string, fontSize: number): number => content.length * fontSize * 0.54;

/** A text that is cut off where it would be wider. */
export function shortened(content: string, fontSize: number, width: number): string {
  const fitting = Math.floor(width / textWidth('x', fontSize));
  return content.length <= fitting ? content : `${content.slice(0, fitting - 1).trimEnd()}…`;
}

/** Plain text made safe for the two languages that figures are written in. */

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Whether XML allows the character: of the control characters only line break and tab. */
const isLegal = (character: string): boolean => character >= ' ' || character === '\n' || character === '\t';

/** Text as XML, between tags or in a double-quoted attribute. */
export const escapeXml = (text: string): string =>
  Array.from(text)
    .filter(isLegal)
    .map((character) => ENTITIES[character] ?? character)
    .join('');

/** Text for Plotly, which reads tags, links and entities in any text: none is left, and '\n' breaks the line. */
export const escapePlotly = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ENTITIES[character]!).replaceAll('\n', '<br>');

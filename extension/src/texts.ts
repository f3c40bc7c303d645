/** Says a text in the person's language; %1, %2 stand for the values. */
export type Translate = (text: string, ...values: readonly (string | number)[]) => string;

const untranslated: Translate = (text, ...values) =>
  text.replace(/%(\d)/g, (place, number: string) => String(values[Number(number) - 1] ?? place));

let translate = untranslated;

/** The renderer works without JupyterLab: whoever knows its translator gives the way to it. */
export const setTranslate = (given: Translate): void => {
  translate = given;
};

/** What the extension says, in the person's language. */
export const t: Translate = (text, ...values) => translate(text, ...values);

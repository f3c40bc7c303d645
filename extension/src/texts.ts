import { english, type Texts } from '../../lib/figures/wire/texts';

let texts = english;

/** The renderer works without JupyterLab: whoever knows its translator gives the way to it. */
export const setTexts = (given: Texts): void => {
  texts = given;
};

/** What the extension says, in the person's language. */
export const t: Texts['t'] = (text, ...values) => texts.t(text, ...values);

/** The same of a number of things. */
export const tn: Texts['tn'] = (one, many, count) => texts.tn(one, many, count);

/** The language itself, for what the library says in it. */
export const language: Texts = { t, tn };

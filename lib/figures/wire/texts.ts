/** How texts are said: in English, or in the language that a front end is set to. */
export interface Texts {
  /** %1, %2 stand for the values. */
  t(text: string, ...values: readonly (string | number)[]): string;
  /** The text for one, or the text for another number of them, which %1 stands for. */
  tn(one: string, many: string, count: number): string;
}

const filled = (text: string, values: readonly (string | number)[]): string =>
  text.replace(/%(\d)/g, (place, number: string) => String(values[Number(number) - 1] ?? place));

export const english: Texts = {
  t: (text, ...values) => filled(text, values),
  tn: (one, many, count) => filled(count === 1 ? one : many, [count]),
};

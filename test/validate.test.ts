import assert from 'node:assert/strict';
import * as v from 'valibot';
import { CredenceError } from '../lib/errors';
import { count, describe as render, nonNegative, positive, validate } from '../lib/validate';

const schema = v.strictObject({
  units: count(1),
  rate: v.optional(positive(), 0.5),
  decay: v.optional(nonNegative(), 0),
  activation: v.optional(v.picklist(['relu', 'tanh']), 'relu'),
});

describe('validate', () => {
  it('fills in defaults', () => {
    assert.deepEqual(validate(schema, { units: 3 }, 'f'), {
      units: 3,
      rate: 0.5,
      decay: 0,
      activation: 'relu',
    });
    assert.deepEqual(validate(schema, { units: 3, rate: undefined }, 'f').rate, 0.5);
  });

  const refused: [value: unknown, message: string][] = [
    [{}, "f: option 'units' is missing"],
    [{ units: 0 }, "f: option 'units' must be a whole number of at least 1, got 0"],
    [{ units: '3' }, 'f: option \'units\' must be a whole number of at least 1, got "3"'],
    [{ units: 1, rate: 0 }, "f: option 'rate' must be a number above 0, got 0"],
    [{ units: 1, rate: Infinity }, "f: option 'rate' must be finite, got Infinity"],
    [{ units: 1, decay: -0.1 }, "f: option 'decay' must be at least 0, got -0.1"],
    [{ units: 1, decay: null }, "f: option 'decay' must be a number of at least 0, got null"],
    [{ units: 1, activation: 'rleu' }, 'f: option \'activation\' must be ("relu" | "tanh"), got "rleu"'],
    [
      { units: 1, Unit: 2 },
      "f: unknown option 'Unit'. Did you mean 'units'? Options: units, rate, decay, activation",
    ],
    [{ units: 1, zebra: 2 }, "f: unknown option 'zebra'. Options: units, rate, decay, activation"],
    [null, 'f: must be an object of options, got null'],
    [undefined, 'f: must be an object of options, is missing'],
    ['units', 'f: must be an object of options, got "units"'],
  ];
  for (const [value, message] of refused) {
    it(`refuses ${JSON.stringify(value)} with one clear message`, () => {
      assert.throws(
        () => validate(schema, value, 'f'),
        (error) =>
          error instanceof CredenceError &&
          (assert.deepEqual([error.code, error.message], ['E_OPTION', message]), true),
      );
    });
  }

  it('renders any value in a few words', () => {
    const values: [unknown, string][] = [
      ['a', '"a"'],
      [() => 1, 'a function'],
      [new Float32Array(3), 'a Float32Array'],
      [[1, 2], '[1,2]'],
      [new Array(10).fill(0), 'an array of 10'],
      [{ a: 1 }, 'an object'],
      [NaN, 'NaN'],
      [undefined, 'undefined'],
      [10n, '10'],
    ];
    for (const [value, text] of values) assert.equal(render(value), text);
  });
});

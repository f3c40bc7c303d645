import type { Context } from '../../engine/native/context';
import type { Board } from '../memory/board';
import { SharedArrays } from '../memory/shared';
import type { LowRankPlan } from '../plan/lowRankPlan';
import { LowRankSum } from './lowRankSum';
import { RoundedSum } from './roundedSum';
import type { Speaker } from './speaker';

/** What the first worker of each process calls, all at the same time: replaces the gradients of its process by their sum over all. */
export interface ProcessSum {
  sum(): void;
}

/** @param lowRank how matrices travel as factors, where they do */
export function processSum(
  context: Context,
  { exchange, lengths, total }: Board,
  lowRank: LowRankPlan | undefined,
  speaker: Speaker,
): ProcessSum {
  const layout = new SharedArrays(lengths);
  if (lowRank) return new LowRankSum(context, layout.views(total), lowRank, speaker);
  const values = layout.whole(total);
  return exchange === 'bfloat16'
    ? new RoundedSum(context, values, speaker)
    : { sum: () => speaker.sum(values) };
}

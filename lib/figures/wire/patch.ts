import { apply, diff, MisfitError, type Patch } from './jsonPatch';
import { type Parsed, parseView, type View } from './messages';

/** What turns one state of a view into a later one, or undefined if it is the same. Lists of points that grow send their end only. */
export const diffView = (before: View, after: View): Patch | undefined => diff(before, after);

/** The state of a view after a patch, checked like one that arrives whole; never throws. */
export function applyPatch(view: View, patch: Patch): Parsed<View> {
  try {
    return parseView(apply(view, patch));
  } catch (error) {
    if (!(error instanceof MisfitError)) throw error;
    return { ok: false, reason: `the change is not one of this view: ${error.message}` };
  }
}

import * as v from 'valibot';

/** A finite number. */
export const finite = v.pipe(v.number('must be a number'), v.finite('must be finite'));

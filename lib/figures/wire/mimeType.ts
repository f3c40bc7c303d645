/** Under which a view travels and is saved. A file of its own: the front end registers for it long before it can read one. */
export const MIME_TYPE = 'application/vnd.credence.v1+json';

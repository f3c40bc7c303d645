/** The numerical conventions of other libraries, where they differ from those here: to compare runs number by number. */
export * as torchBlue from './torchBlue';

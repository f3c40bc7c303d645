import type { JupyterFrontEnd } from '@jupyterlab/application';

type KernelSpec = NonNullable<
  NonNullable<JupyterFrontEnd['serviceManager']['kernelspecs']['specs']>['kernelspecs'][string]
>;

/** Our kernels say so in their kernelspec: what they are called is up to who installed them. */
export const isOurs = (spec: Pick<KernelSpec, 'metadata'> | undefined): boolean =>
  spec?.metadata?.['credence'] !== undefined;

/** A kernel of ours that is registered with Jupyter, if there is one. */
export async function ownKernel({ serviceManager }: JupyterFrontEnd): Promise<KernelSpec | undefined> {
  const { kernelspecs } = serviceManager;
  await kernelspecs.ready;
  return Object.values(kernelspecs.specs?.kernelspecs ?? {}).find(isOurs);
}

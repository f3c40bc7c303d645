import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import { KernelLink } from './kernelLink';
import { offerLinks, type RunLink } from './runLink';

/** Notebooks and consoles, whatever package they come from, are widgets that have a session context. */
const sessionContextOf = (widget: object): ISessionContext | undefined =>
  (widget as { sessionContext?: ISessionContext }).sessionContext;

/** Gives each run in the page a way to the kernel of the notebook that it is in. */
const plugin: JupyterFrontEndPlugin<void> = {
  id: 'credence-lab:plugin',
  description: 'Connects the controls of Credence runs with the kernel.',
  autoStart: true,
  activate: ({ shell }: JupyterFrontEnd) => {
    const links = new WeakMap<ISessionContext, RunLink>();
    offerLinks((node) => {
      for (const widget of shell.widgets('main')) {
        const context = widget.node.contains(node) ? sessionContextOf(widget) : undefined;
        if (!context) continue;
        const link = links.get(context) ?? new KernelLink(context);
        links.set(context, link);
        return link;
      }
      return undefined;
    });
  },
};

export default plugin;

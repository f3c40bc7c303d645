import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, type ISessionContext } from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';
import { addCommands, commandIds } from './commands';
import { CurrentKernel, sessionContextOf } from './currentKernel';
import { KernelLink } from './kernelLink';
import { addCard } from './launcher';
import { preferences } from './preferences';
import { offerLinks, type RunLink } from './runLink';
import { defaultSettings, followSettings } from './settings';
import { Sidebar } from './sidebar';
import { setTexts } from './texts';

const id = 'credence-lab:plugin';

/** Gives each run in the page a way to the kernel of the notebook that it is in, and lists the runs at the side. */
const plugin: JupyterFrontEndPlugin<void> = {
  id,
  description: 'Controls of Credence runs, and the list of them.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [ILayoutRestorer, ICommandPalette, ITranslator, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null,
    registry: ISettingRegistry | null,
  ) => {
    const { shell, commands } = app;
    const texts = translator?.load('credence-lab');
    if (texts) {
      setTexts({
        t: (text, ...values) => texts.__(text, ...values),
        tn: (one, many, count) => texts._n(one, many, count),
      });
    }

    const links = new WeakMap<ISessionContext, RunLink>();
    const linkTo = (context: ISessionContext): RunLink => {
      const link = links.get(context) ?? new KernelLink(context);
      links.set(context, link);
      return link;
    };
    offerLinks((node) => {
      const places = [...shell.widgets('main'), ...shell.widgets('right')];
      const place = places.find((widget) => widget.node.contains(node));
      const context = sessionContextOf(place);
      return context && linkTo(context);
    });

    const current = new CurrentKernel(shell);
    const sidebar = new Sidebar({
      shell,
      current,
      linkTo,
      openQuickstart: () => void commands.execute(commandIds.quickstart),
      insertSnippet: () => void commands.execute(commandIds.snippet),
      settings: defaultSettings,
    });
    shell.add(sidebar, 'left', { rank: 500, type: 'Credence' });
    restorer?.add(sidebar, sidebar.id);
    const show = (): void => shell.activateById(sidebar.id);
    const compare = async (): Promise<void> => {
      show();
      await (await sidebar.load()).compare();
    };
    addCommands({ app, current, rendermime, linkTo, show, compare }, palette);
    void addCard(app, commandIds.quickstart);
    void followSettings(registry, id, (settings) => {
      const { smoothing, legend } = settings;
      Object.assign(preferences, { smoothing, legend });
      void sidebar.configure(settings);
    });
  },
};

export default plugin;

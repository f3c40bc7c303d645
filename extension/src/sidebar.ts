import { PanelLayout, Widget } from '@lumino/widgets';
import { credenceIcon } from './icons';
import type { RunsPanel, RunsPanelOptions } from './runsPanel';
import { t } from './texts';

/** The place of the list of runs at the side; the list itself is loaded when it is first looked at. */
export class Sidebar extends Widget {
  private loading: Promise<RunsPanel> | undefined;

  constructor(private readonly options: RunsPanelOptions) {
    super();
    this.id = 'credence-runs';
    this.addClass('credence-sidebar');
    this.title.icon = credenceIcon;
    this.title.caption = t('Credence runs');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', t('Credence runs'));
    this.layout = new PanelLayout();
  }

  /** The list, as soon as it is loaded. */
  load(): Promise<RunsPanel> {
    this.loading ??= import('./runsPanel').then(({ RunsPanel }) => {
      const panel = new RunsPanel(this.options);
      (this.layout as PanelLayout).addWidget(panel);
      return panel;
    });
    return this.loading;
  }

  /** Uses other settings from now on. */
  async configure(settings: RunsPanelOptions['settings']): Promise<void> {
    this.options.settings = settings;
    (await this.loading)?.configure(settings);
  }

  protected override onAfterShow(): void {
    void this.load();
  }

  protected override onAfterAttach(): void {
    if (this.isVisible) void this.load();
  }
}

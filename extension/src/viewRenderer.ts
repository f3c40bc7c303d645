import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';
import { MIME_TYPE } from '../../lib/figures/wire/mimeType';
import type { RunView } from './runView';

/** The widget of a view. What draws it is loaded with the first view: a page without one does not pay for it. */
export class ViewRenderer extends Widget implements IRenderMime.IRenderer {
  private view: RunView | undefined;

  constructor() {
    super();
    this.addClass('credence-view');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const { RunView } = await import('./runView');
    if (this.isDisposed) return;
    this.view ??= new RunView(this.node);
    await this.view.show(model.data[MIME_TYPE], model.data['image/svg+xml']);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.view?.dispose();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    this.view?.attached();
  }
}

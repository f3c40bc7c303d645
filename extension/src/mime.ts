import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { MIME_TYPE } from '../../lib/figures/wire/mimeType';
import { ViewRenderer } from './viewRenderer';

/** Draws Credence views in outputs, ahead of the fallbacks that come with them, and opens files that hold one. */
const extension: IRenderMime.IExtension = {
  id: 'credence-lab:mime',
  description: 'Draws Credence views.',
  rendererFactory: {
    safe: true,
    mimeTypes: [MIME_TYPE],
    createRenderer: () => new ViewRenderer(),
  },
  rank: 0,
  dataType: 'json',
  fileTypes: [
    {
      name: 'credence',
      mimeTypes: [MIME_TYPE],
      extensions: ['.credence.json'],
      fileFormat: 'text',
    },
  ],
  documentWidgetFactoryOptions: {
    name: 'Credence view',
    primaryFileType: 'credence',
    fileTypes: ['credence'],
    defaultFor: ['credence'],
  },
};

export default extension;

/** The few functions of Plotly that are used. */
declare module 'plotly.js-basic-dist-min' {
  /** An element that Plotly has drawn in. */
  interface PlotlyElement extends HTMLElement {
    readonly data: readonly object[];
    readonly layout: object;
    on(event: 'plotly_hover', listener: (event: { points: readonly { x: unknown }[] }) => void): void;
    on(event: 'plotly_unhover', listener: () => void): void;
  }
  interface Plotly {
    /** Draws, or redraws in place what was drawn in the element before. */
    react(
      element: HTMLElement,
      data: readonly object[],
      layout: object,
      config: object,
    ): Promise<PlotlyElement>;
    /** Draws a picture of its own: a data URI. */
    toImage(
      figure: { data: readonly object[]; layout: object },
      options: { format: 'png' | 'svg'; width: number; height: number; scale?: number },
    ): Promise<string>;
    /** Where it shows what the pointer is at. */
    readonly Fx: {
      hover(element: HTMLElement, at: { xval: number }, subplot: 'xy', silently: boolean): void;
      unhover(element: HTMLElement): void;
    };
    /** Frees what belongs to the element. */
    purge(element: HTMLElement): void;
  }
  const plotly: Plotly;
  export default plotly;
  export type { Plotly, PlotlyElement };
}

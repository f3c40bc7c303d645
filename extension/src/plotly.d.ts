/** The few functions of Plotly that are used. */
declare module 'plotly.js-basic-dist-min' {
  interface Plotly {
    /** Draws, or redraws in place what was drawn in the element before. */
    react(
      element: HTMLElement,
      data: readonly object[],
      layout: object,
      config: object,
    ): Promise<HTMLElement>;
    /** Frees what belongs to the element. */
    purge(element: HTMLElement): void;
  }
  const plotly: Plotly;
  export default plotly;
  export type { Plotly };
}

import { DEFAULT_HEIGHT, type AxisLayout } from '../../lib/figures/wire/plotly';
import { toPlotly, type PlotlyFigure } from '../../lib/figures/toPlotly';
import type { Figure } from '../../lib/figures/wire/messages';
import type { Theme } from './theme';

/** The buttons that show over a figure when it is pointed at; hidden where there is nothing to zoom. */
export const plotConfig = ({ layout }: Figure): object => ({
  displaylogo: false,
  displayModeBar: isPicture(layout.xaxis) ? false : 'hover',
  modeBarButtons: [['zoom2d', 'pan2d', 'resetScale2d', 'toImage']],
  toImageButtonOptions: { format: 'svg', filename: 'figure' },
});

/** A figure of pictures has no axis to see, and nothing to zoom. */
const isPicture = (axis: AxisLayout | undefined): boolean => axis?.visible === false;

/** Puts a figure into the theme: the builders say what is drawn, this says how it looks. */
export function themed(figure: Figure, theme: Theme): PlotlyFigure {
  const { data, layout } = toPlotly(figure);
  const picture = isPicture(figure.layout.xaxis);
  const text = { family: theme.fontFamily, size: 12, color: theme.text };
  const axis = (name: 'xaxis' | 'xaxis2' | 'yaxis' | 'yaxis2'): object => {
    const { title, ...own } = (layout[name] ?? {}) as { title?: object };
    const { type = 'linear' } = figure.layout[name] ?? {};
    return {
      automargin: true,
      gridcolor: theme.grid,
      zerolinecolor: theme.axis,
      linecolor: theme.axis,
      spikecolor: theme.axis,
      spikethickness: 1,
      spikedash: 'solid',
      tickfont: { size: 11, color: theme.mutedText },
      fixedrange: picture,
      // A zoom is kept from one update to the next, unless the axis became another one.
      uirevision: type,
      ...own,
      title: { font: { size: 12 }, ...title },
    };
  };
  return {
    data,
    layout: {
      ...layout,
      height: figure.layout.height ?? DEFAULT_HEIGHT,
      margin: picture ? { t: 4, r: 4, b: 4, l: 4 } : { t: 8, r: 14, b: 34, l: 44 },
      font: text,
      paper_bgcolor: 'transparent',
      plot_bgcolor: 'transparent',
      legend: {
        orientation: 'h',
        x: 0,
        xanchor: 'left',
        y: 1,
        yanchor: 'bottom',
        font: { size: 11 },
      },
      hoverlabel: { bgcolor: theme.hover, bordercolor: theme.border, font: text, align: 'left' },
      modebar: { bgcolor: 'transparent', color: theme.mutedText, activecolor: theme.text },
      dragmode: picture ? false : 'zoom',
      uirevision: 'kept',
      ...Object.fromEntries(
        (['xaxis', 'xaxis2', 'yaxis', 'yaxis2'] as const)
          .filter((name) => name in figure.layout || !name.endsWith('2'))
          .map((name) => [name, axis(name)]),
      ),
    },
  };
}

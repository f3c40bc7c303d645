/** What a figure takes from JupyterLab's theme. */
export interface Theme {
  fontFamily: string;
  text: string;
  mutedText: string;
  grid: string;
  axis: string;
  /** What it stands on, also as a picture of its own. */
  ground: string;
  /** Ground and border of the box that shows on hover. */
  hover: string;
  border: string;
}

/** Reads the theme that an element is shown in. */
export function readTheme(element: Element): Theme {
  const computed = getComputedStyle(element);
  const variable = (name: string, fallback: string): string =>
    computed.getPropertyValue(name).trim() || fallback;
  return {
    fontFamily: variable('--jp-ui-font-family', 'sans-serif'),
    text: variable('--jp-ui-font-color1', '#222'),
    mutedText: variable('--jp-ui-font-color2', '#666'),
    grid: variable('--jp-border-color2', '#ddd'),
    axis: variable('--jp-border-color1', '#bbb'),
    ground: variable('--jp-layout-color0', '#fff'),
    hover: variable('--jp-layout-color1', '#fff'),
    border: variable('--jp-border-color1', '#bbb'),
  };
}

const listeners = new Set<() => void>();

/**
 * JupyterLab and Notebook name the theme in force by attributes of the body. JupyterLab hides itself for one frame when
 * it changes them, and nothing can be drawn then.
 */
const observer = new MutationObserver(() =>
  requestAnimationFrame(() => {
    for (const listener of listeners) listener();
  }),
);

/** Calls back when the person changes the theme. Returns the function that unsubscribes. */
export function onThemeChange(listener: () => void): () => void {
  if (listeners.size === 0) {
    observer.observe(document.body, { attributeFilter: ['data-jp-theme-name', 'data-jp-theme-light'] });
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) observer.disconnect();
  };
}

/** How static pictures look: dark on white, since they are also read where no theme is known (files, web pages). */
export const style = {
  font: 'system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif',
  paper: '#ffffff',
  ink: '#222222',
  faint: '#5c5c5c',
  axis: '#8a8a8a',
  grid: '#e4e4e4',
  /** Font sizes in pixels. */
  heading: 15,
  title: 14,
  label: 12,
  tick: 11,
} as const;

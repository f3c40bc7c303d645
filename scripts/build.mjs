// npm run build: set-up and nothing else.
import { setUp } from './setup.mjs';
import { command } from './support/command.mjs';

await command(async (report) => {
  await setUp(report);
  report.line('Everything is up to date.');
  return 0;
});

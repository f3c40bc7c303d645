/** Drives a real JupyterLab in a headless browser. */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { environmentPrefix } from '../../kernel/python';
import { packageRoot, pythonExecutable } from '../../lib/environment';

/** For all that is awaited: kernel, compiler and browser may have to share the processors with others. */
const PATIENCE_MS = 100_000;
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser to use: `CREDENCE_CHROMIUM`, or the first of the usual names on the path. */
function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const usual = BROWSERS.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return [process.env['CREDENCE_CHROMIUM'] ?? '', ...usual].find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return file !== '';
  } catch {
    return false;
  }
}

type Application = 'jupyterlab' | 'notebook';

/**
 * The Python whose JupyterLab or Notebook is tested: `CREDENCE_TEST_LAB`, or the one that is used for all else, which has no Notebook: that is
 * one of the `CREDENCE_FRONT_ENDS`.
 */
export function labPython(application: Application): string {
  const { CREDENCE_TEST_LAB, CREDENCE_FRONT_ENDS } = process.env;
  const other = application === 'notebook' ? CREDENCE_FRONT_ENDS : undefined;
  return CREDENCE_TEST_LAB ?? other ?? pythonExecutable();
}

/** Another JupyterLab finds the kernels that are registered with ours. */
function kernelsOfOurs(application: Application): Readonly<Record<string, string>> {
  if (labPython(application) === pythonExecutable()) return {};
  return { JUPYTER_PATH: path.join(environmentPrefix(), 'share', 'jupyter') };
}

/** Why browser tests cannot run here, or undefined. */
export function whyNoBrowser(): string | undefined {
  if (findChromium() === undefined) {
    return `no browser: install Chromium (${BROWSERS.join(', ')}) or set CREDENCE_CHROMIUM to its executable`;
  }
  return undefined;
}

/**
 * Starts a JupyterLab for the tests of a `describe`, or skips them where there is no browser, saying so. Returns a
 * function for the tests to get it.
 */
export function useLab(options: LabOptions): () => Lab {
  let lab: Lab | undefined;
  before(async function () {
    const reason = whyNoBrowser();
    if (reason !== undefined) {
      process.stdout.write(`    skipped: ${reason}\n`);
      this.skip();
    }
    lab = await startLab(options);
  });
  after(() => lab?.close());
  return () => lab!;
}

/** A folder of this checkout for pictures and logs that tests leave behind. */
export function outputFolder(): string {
  const folder = path.join(packageRoot, 'test-output');
  mkdirSync(folder, { recursive: true });
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface LabOptions {
  /** Files of the server's folder, by name. */
  files: Readonly<Record<string, string>>;
  /**
   * Folders of prebuilt extensions to load ahead of installed ones, by package name. Default: credence-lab as it was
   * last built in this checkout.
   */
  extensions?: Readonly<Record<string, string>>;
  /** JupyterLab (default), or Notebook 7. */
  application?: Application;
  /** Extensions to do without, also where they are installed. */
  disabled?: readonly string[];
  /** The language of JupyterLab, and what its server answers about it: see `/lab/api/translations`. */
  language?: { locale: string; translations: object };
  /** More of the environment, for instance JUPYTER_PATH to find kernels. */
  env?: Readonly<Record<string, string>>;
}

/** A running JupyterLab server and a browser. */
export interface Lab {
  /** Where the server's files lie. */
  root: string;
  /** Opens a file of the server's folder in a new page. Errors of the page are collected in `errors`. */
  open(file: string): Promise<LabPage>;
  close(): Promise<void>;
}

export interface LabPage {
  page: Page;
  /** What went wrong in the page's own scripts. */
  errors: string[];
  /** File names and bytes of what was loaded from the extension. */
  loaded: Map<string, number>;
}

/**
 * Starts JupyterLab with a folder, configuration and data of its own, so that nothing of the person's is read or written.
 * @throws Error with the server's log if it does not answer in good time
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const home = mkdtempSync(path.join(tmpdir(), 'credence-lab-'));
  const root = path.join(home, 'root');
  const extensions = path.join(home, 'labextensions');
  for (const folder of [root, extensions]) mkdirSync(folder);
  for (const [name, content] of Object.entries(options.files)) writeFileSync(path.join(root, name), content);
  const built = path.join(packageRoot, 'extension', 'credence_lab', 'labextension');
  for (const [name, folder] of Object.entries(options.extensions ?? { 'credence-lab': built })) {
    if (!existsSync(path.join(folder, 'package.json'))) {
      throw new Error(`${name} is not built in ${folder}: run 'npm run build --workspace extension' first`);
    }
    symlinkSync(folder, path.join(extensions, name));
  }
  writeSettings(path.join(home, 'config'), options);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { application = 'jupyterlab' } = options;
  const server = startServer(application, port, root, extensions, {
    ...process.env,
    ...kernelsOfOurs(application),
    ...options.env,
    JUPYTER_CONFIG_DIR: path.join(home, 'config'),
    JUPYTER_DATA_DIR: path.join(home, 'data'),
    JUPYTER_RUNTIME_DIR: path.join(home, 'runtime'),
    IPYTHONDIR: path.join(home, 'ipython'),
  });
  let browser: Browser | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    await stopServer(server.process);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await untilAnswering(url, server);
    browser = await chromium.launch({
      executablePath: findChromium()!,
      // The sandbox needs rights that containers and root do not have.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
      ],
    });
  } catch (error) {
    await close();
    throw error;
  }
  const context = await browser.newContext({ viewport: { width: 1300, height: 1000 } });
  const { language } = options;
  if (language) {
    const json = { data: language.translations, message: '' };
    await context.route(`**/api/translations/${language.locale}*`, (route) => route.fulfill({ json }));
  }
  return {
    root,
    open: async (file) =>
      openFile(
        await context.newPage(),
        application === 'notebook' ? `${url}/notebooks/${file}` : `${url}/lab/tree/${file}?reset`,
      ),
    close,
  };
}

/** Without these JupyterLab asks whether it may fetch news, over what is to be seen. */
function writeSettings(config: string, { disabled = [], language }: LabOptions): void {
  const write = (extension: string, plugin: string, settings: object): void => {
    const folder = path.join(config, 'lab', 'user-settings', '@jupyterlab', extension);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `${plugin}.jupyterlab-settings`), JSON.stringify(settings));
  };
  write('apputils-extension', 'notification', { fetchNews: 'false', checkForUpdates: false });
  if (language) write('translation-extension', 'plugin', { locale: language.locale });
  mkdirSync(path.join(config, 'labconfig'));
  const disabledExtensions = Object.fromEntries(disabled.map((name) => [name, true]));
  writeFileSync(path.join(config, 'labconfig', 'page_config.json'), JSON.stringify({ disabledExtensions }));
}

interface Server {
  process: ChildProcess;
  log: () => string;
}

function startServer(
  application: Application,
  port: number,
  root: string,
  extensions: string,
  env: NodeJS.ProcessEnv,
): Server {
  const child = spawn(
    labPython(application),
    [
      '-m',
      application,
      '--no-browser',
      '--allow-root',
      `--port=${port}`,
      '--ServerApp.port_retries=0',
      '--IdentityProvider.token=',
      `--ServerApp.root_dir=${root}`,
      `--LabServerApp.extra_labextensions_path=${extensions}`,
      '--LabApp.expose_app_in_browser=True',
      '--JupyterNotebookApp.expose_app_in_browser=True',
    ],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-20_000)));
  }
  return { process: child, log: () => log };
}

async function untilAnswering(url: string, { process: child, log }: Server): Promise<void> {
  const patience = Date.now() + PATIENCE_MS;
  while (Date.now() < patience && child.exitCode === null) {
    const response = await fetch(`${url}/api`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(200);
  }
  throw new Error(`JupyterLab did not start:\n${log()}`);
}

/** The server shuts its kernels down on SIGTERM; what hangs is killed. */
async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(killer);
}

async function openFile(page: Page, address: string): Promise<LabPage> {
  page.setDefaultTimeout(PATIENCE_MS);
  const errors: string[] = [];
  const loaded = new Map<string, number>();
  page.on('pageerror', (error) => {
    const text = error.stack ?? String(error);
    // another version of JupyterLab has errors of its own: those of 4.0's table of contents, for instance
    if (process.env['CREDENCE_TEST_LAB'] === undefined || text.includes('credence-lab')) errors.push(text);
  });
  page.on('response', (response) => {
    const match = /\/extensions\/credence-lab\/static\/([^?]+)/.exec(response.url());
    if (match) loaded.set(match[1]!, Number(response.headers()['content-length'] ?? 0));
  });
  await page.goto(address);
  await page
    .waitForFunction('window.jupyterapp?.shell?.currentWidget?.isVisible')
    .catch(async (error: unknown) => {
      const picture = path.join(outputFolder(), 'not-opened.png');
      await page.screenshot({ path: picture });
      throw new Error(`${address} did not open, see ${picture}. Errors: ${errors.join(' ')}`, {
        cause: error,
      });
    });
  await page.evaluate('window.jupyterapp.shell.collapseLeft()');
  return { page, errors, loaded };
}

/**
 * Waits until the kernel of the notebook in front has started and answers. Marks in the page that say "idle" come and go
 * before that; asking the kernel for its info is what cannot be wrong.
 */
export async function kernelReady(page: Page): Promise<void> {
  await page.waitForFunction('window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel');
  await page.evaluate(`(async () => {
    const { sessionContext } = window.jupyterapp.shell.currentWidget;
    await sessionContext.ready;
    await sessionContext.session.kernel.info;
  })()`);
}

/** Runs a code cell of the notebook in front, counted from 0. Does not wait for it to end. */
export async function runCell(page: Page, index: number): Promise<void> {
  await page.locator('.jp-CodeCell .jp-InputArea-editor').nth(index).click();
  await page.keyboard.press('Shift+Enter');
}

/** Shows the page in one of JupyterLab's themes: 'JupyterLab Light', 'JupyterLab Dark'. */
export async function setTheme(page: Page, theme: 'JupyterLab Light' | 'JupyterLab Dark'): Promise<void> {
  await page.evaluate(`window.jupyterapp.commands.execute('apputils:change-theme', { theme: '${theme}' })`);
  await page.waitForFunction(`document.body.dataset.jpThemeName === '${theme}'`);
}

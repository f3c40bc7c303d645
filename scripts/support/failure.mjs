/** Something a person can mend. It is printed as one message, never as a stack trace. */
export class Failure extends Error {
  /**
   * @param {string} problem what went wrong, in one sentence
   * @param {string} remedy what to do about it
   * @param {string} [evidence] the last lines that the failed program printed
   */
  constructor(problem, remedy, evidence) {
    super(problem);
    this.name = 'Failure';
    this.remedy = remedy;
    this.evidence = evidence;
  }
}

/** The person interrupted the work: `exitCode` is what a shell expects then. */
export class Interrupted extends Error {
  /** @param {number} exitCode */
  constructor(exitCode) {
    super('interrupted');
    this.name = 'Interrupted';
    this.exitCode = exitCode;
  }
}

/** @typedef {{ sign: RegExp, problem: string, remedy: string }} Cause */

/**
 * What programs print when they fail for a reason outside the project, most specific first.
 * @type {Cause[]}
 */
export const outsideCauses = [
  {
    sign: /spawn npm ENOENT/,
    problem: 'npm was not found.',
    remedy:
      'It comes with Node (Debian, Ubuntu: sudo apt install npm). Install it and run the command again.',
  },
  {
    sign: /ENOSPC|No space left on device|Errno 28|not enough space on the disk/i,
    problem: 'The disk is full.',
    remedy: 'Free some space (a fresh set-up takes about 3 GB, 9 GB with CUDA) and run the command again.',
  },
  {
    sign: /CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)/,
    problem: 'A package server was reached, but its certificate is not trusted.',
    remedy:
      'Behind a company proxy, name its certificate in NODE_EXTRA_CA_CERTS (npm) and PIP_CERT (pip), then run the command again.',
  },
  {
    sign: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|Name or service not known|name resolution/,
    problem: 'The package server cannot be reached.',
    remedy:
      'Check the network (behind a proxy set HTTPS_PROXY) and run the command again: it carries on where it stopped.',
  },
  {
    sign: /ensurepip is not available|No module named '?(ensurepip|venv)/,
    problem: 'Python cannot make virtual environments: its venv module is missing.',
    remedy: 'Install it (Debian, Ubuntu: sudo apt install python3-venv) and run the command again.',
  },
  {
    sign: /externally-managed-environment/,
    problem: 'This Python belongs to the operating system, which does not want packages installed into it.',
    remedy: 'Unset CREDENCE_PYTHON, so that Credence makes its own environment, and run the command again.',
  },
  {
    sign: /npm (error|ERR!) code EUSAGE/,
    problem: 'package.json and package-lock.json do not belong together.',
    remedy: "Run 'npm install' to bring the lockfile up to date, then run the command again.",
  },
  {
    sign: /No matching distribution found/,
    problem: 'A Python package has no version for this machine.',
    remedy: 'Use Python 3.10 to 3.13, 64 bit, on Linux or on macOS with Apple silicon.',
  },
  {
    sign: /EACCES|EPERM|Permission denied/i,
    problem: 'A file may not be written.',
    remedy: 'See below which one, make it yours (sudo chown -R "$USER" .), and run the command again.',
  },
];

/**
 * Turns what a failed program printed into one message with a remedy.
 * @param {string} title what was being done
 * @param {string} output what the program printed
 * @param {string} logFile where all of the output is
 * @param {Cause[]} [causes] what may be to blame
 */
export function explain(title, output, logFile, causes = outsideCauses) {
  const lines = output.trimEnd().split('\n');
  const reason = causes.find(({ sign }) => sign.test(output));
  const evidence = reason ? lines.filter((line) => reason.sign.test(line)).slice(0, 3) : lines.slice(-20);
  return new Failure(
    `${title} failed${reason ? `: ${reason.problem}` : '.'}`,
    `${reason?.remedy ?? 'The last lines it printed are below.'} Everything it printed is in ${logFile}`,
    evidence.map((line) => (line.length > 200 ? `${line.slice(0, 199)}…` : line)).join('\n'),
  );
}

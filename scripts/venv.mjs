// .venv: the Python tools that tests and benchmarks read files back and compare with. Does nothing, quickly, once it is there.
//   --force    makes it anew
//   --no-ray   leaves Ray out (240 MB), which only test/ray needs
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot, installPackages, onPath, run, SetupError } from './toolchain.mjs';

const packages = [
  'pyarrow==26.0.1',
  'pandas==3.1.1',
  'numpy==2.4.6',
  'polars==2.1.0',
  'fastparquet==2026.9.0',
  // The benchmark's peer; the extension is loaded from its wheel, so both must be of one version.
  'duckdb==1.5.5',
  'duckdb-extension-postgres-scanner==1.5.5',
  'clang-format==22.1.5',
];

/** Steps of their own, so that adding one does not make the folder anew. */
const extras = [
  // arrow-rs, as Python has it.
  { packages: ['datafusion==55.0.0'], stamp: '.venv/.readers', purpose: 'the tests of test/readers' },
  // Spark, for the names of files; it needs Java 17, and PyPI has its source only.
  { packages: ['pyspark==4.3.0'], stamp: '.venv/.spark', purpose: 'the test of names in test/readers', java: 17, source: true },
  // Of all packages the largest, and the only one that runs services.
  { packages: ['ray[default]==2.60.0'], stamp: '.venv/.ray', purpose: 'the tests of test/ray', leaveOut: '--no-ray' },
];

const hint = 'check the connection to the Python package index (pip config list shows which), then run this again';
const say = (text) => process.stderr.write(`venv: ${text}\n`);
const python = '.venv/bin/python';
const stamp = '.venv/.packages';

function isThere() {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== packages.join('\n')) return false;
  // A folder that was moved or whose Python was upgraded has a stamp but does not run.
  return spawnSync(python, ['-c', ''], { stdio: 'ignore' }).status === 0;
}

function install(names, source = false) {
  const binary = source ? [] : ['--only-binary=:all:'];
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...binary, ...names]);
}

function makeFolder() {
  if (!onPath('python3')) installPackages(['python3'], ['python3', 'python3-venv'], say);
  // Debian splits venv's ensurepip from Python: without it, -m venv fails half-way.
  const hasVenv = spawnSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' }).status === 0;
  if (!hasVenv) installPackages(["Python's venv module"], ['python3-venv'], say);
  rmSync('.venv', { recursive: true, force: true });
  run('python3', ['-m', 'venv', '.venv']);
}

/** Spark takes the one that JAVA_HOME names, or else the first on the PATH. */
function ensureJava(oldest) {
  const found = javaMajor();
  if (found >= oldest) return;
  if (found > 0 && process.env.JAVA_HOME) throw new SetupError(`JAVA_HOME names Java ${found}; ${oldest} or newer is needed.`, 'Unset it.');
  installPackages([`Java ${oldest} or newer`], [`openjdk-${oldest}-jre-headless`], say);
  if (javaMajor() < oldest)
    throw new SetupError(
      `The first java on the PATH is Java ${javaMajor()}; ${oldest} or newer is needed.`,
      'Name the newer one in JAVA_HOME.',
    );
}

/** 0 where none runs. */
function javaMajor() {
  const { JAVA_HOME: home } = process.env;
  const { stderr } = spawnSync(home ? path.join(home, 'bin', 'java') : 'java', ['-version'], { encoding: 'utf8' });
  // `openjdk version "17.0.15"`; up to Java 8 `java version "1.8.0_452"`.
  return Number(/ version "(?:1\.)?(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
}

inRoot(
  say,
  () => {
    if (process.argv.includes('--force') || !isThere()) {
      say(`installing ${packages.join(' ')} into ${path.resolve('.venv')} (a minute or two)`);
      makeFolder();
      install(packages);
      writeFileSync(stamp, packages.join('\n'));
      say('done');
    }
    for (const { packages, stamp, purpose, leaveOut, java, source } of extras) {
      const hasIt = existsSync(stamp) && readFileSync(stamp, 'utf8') === packages.join('\n');
      if (hasIt || process.argv.includes(leaveOut)) continue;
      if (java) ensureJava(java);
      say(`installing ${packages.join(' ')} for ${purpose} (half a minute)`);
      install(packages, source);
      writeFileSync(stamp, packages.join('\n'));
      say('done');
    }
  },
  hint,
);

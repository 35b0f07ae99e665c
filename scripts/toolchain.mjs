// What a build needs from the machine, and how to get it. Plain JavaScript for a bare Node: nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A step that cannot go on, said in a sentence, with what to do. */
export class SetupError extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/** Runs a script's steps in the repository's root; a SetupError ends them in words. hint: for errors that have none. */
export function inRoot(say, steps, hint) {
  try {
    process.chdir(fileURLToPath(new URL('..', import.meta.url)));
    steps();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    const advice = error.hint ?? hint;
    if (advice) say(`hint: ${advice}`);
    process.exitCode = 1;
  }
}

const oldest = [20, 19];

export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  throw new SetupError(
    `Node ${version} is too old: gpuparser needs Node ${oldest.join('.')} or newer.`,
    'See https://nodejs.org/en/download',
  );
}

/** Command -> Debian packages that have it. */
const debian = { 'g++': ['g++'], cmake: ['cmake'], make: ['make'], 'clang++': ['clang', 'libclang-rt-dev'] };

/** Makes sure that the commands of a build are there: root on Debian installs them, anyone else is told the one command. */
export function ensureCompiler(say, compiler = 'g++') {
  const missing = [compiler, 'cmake', 'make'].filter((tool) => !onPath(tool));
  if (missing.length > 0)
    installPackages(
      missing,
      missing.flatMap((tool) => debian[tool]),
      say,
    );
}

/** Installs Debian packages, or says which command would. `missing` is what the packages are for, in words. */
export function installPackages(missing, packages, say) {
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const wanted = `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
  if (!onPath('apt-get')) throw new SetupError(`${wanted}.`, `Install what your system calls ${packages.join(', ')}, then run this again.`);
  if (process.getuid?.() !== 0) throw new SetupError(`${wanted}.`, `Run: sudo ${command}`);
  say(`${wanted}: installing ${packages.join(', ')} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env });
  run('apt-get', command.split(' ').slice(1), { env });
}

export function onPath(command) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder || '.', command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs a command; its output is shown only when it fails, unless `stdio` says otherwise. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (result.error) throw new SetupError(`${command} could not be started: ${result.error.message}`);
  if (result.status === 0) return result.stdout ?? '';
  const how = result.signal ? `was ended by ${result.signal}` : `failed with exit code ${result.status}`;
  throw new SetupError(`${[command, ...args].join(' ')} ${how}.\n${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd());
}

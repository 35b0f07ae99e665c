// `npm run setup:gpu`: builds prebuilt/linux-x64/libgpuparser_cuda.so with g++ and nvcc, on a machine with or without a GPU. The
// compiler and cuDF's headers come as Python wheels into native/build-cuda/, which stays there. Does nothing, quickly, when up to date.
//   --release   machine code for every card from sm_75 to sm_120 (default: sm_90); PTX for newer ones either way
//   --check     also checks that the library has every function of native/include/gpuparser.h
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { build, cardsOf, cudf, libraryOf } from './cuda-library.mjs';
import { buildOnce, filesBelow } from './stamp.mjs';
import { inRoot, installPackages, onPath, run, SetupError } from './toolchain.mjs';

const wheels = [
  `libcudf-cu13==${cudf}.*`,
  `librmm-cu13==${cudf}.*`,
  'rapids-logger==0.3.*',
  'nvidia-cuda-nvcc==13.0.*',
  'nvidia-cuda-crt==13.0.*',
  'nvidia-nvvm==13.0.*',
  'nvidia-cuda-cccl==13.0.*',
  'nvidia-cuda-runtime==13.0.*',
];

const site = `${build}/wheels`;
const target = 'prebuilt/linux-x64/libgpuparser_cuda.so';
const release = process.argv.includes('--release');
const cards = cardsOf(release);
const library = libraryOf(release);

const say = (text) => process.stderr.write(`setup:gpu: ${text}\n`);

function fetchWheels() {
  const stamp = `${site}/.wheels`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wheels.join('\n')) return;
  say('fetching nvcc and cuDF as Python wheels (about 300 MB, once)');
  if (!onPath('python3')) installPackages(['python3'], ['python3', 'python3-venv'], say);
  rmSync(site, { recursive: true, force: true });
  rmSync(`${build}/venv`, { recursive: true, force: true });
  // A venv, because the system's Python may have no pip or refuse to use it.
  run('python3', ['-m', 'venv', `${build}/venv`]);
  run(`${build}/venv/bin/python`, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--target',
    site,
    ...wheels,
  ]);
  // nvcc looks for its libraries there.
  if (!existsSync(`${site}/nvidia/cu13/lib64`)) symlinkSync('lib', `${site}/nvidia/cu13/lib64`);
  writeFileSync(stamp, wheels.join('\n'));
}

function compile() {
  const missing = ['g++', 'make'].filter((tool) => !onPath(tool));
  if (missing.length > 0) installPackages(missing, missing, say);
  fetchWheels();
  say(`compiling for ${cards.map((card) => `sm_${card}`).join(', ')}`);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const settings = { SITE: site, BUILD: path.dirname(library), OUT: library, CARDS: cards.join(' '), VERSION: version, CUDF: cudf };
  run('make', [
    '-f',
    'native/cuda/Makefile',
    `-j${availableParallelism()}`,
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  ]);
}

/** Under a new name first: a process may be running the old one. */
function install() {
  if (existsSync(target) && readFileSync(target).equals(readFileSync(library))) return;
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(library, `${target}.next`);
  renameSync(`${target}.next`, target);
}

/** Every function of the door must be exported, and nothing else of ours. */
function checkSymbols() {
  const header = readFileSync('native/include/gpuparser.h', 'utf8');
  const wanted = [...header.matchAll(/^GP_API [^(]*?\b(gp_\w+)\(/gm)].map((match) => match[1]);
  const there = [...run('nm', ['-D', '--defined-only', target]).matchAll(/ T (gp_\w+)$/gm)].map((match) => match[1]);
  const missing = wanted.filter((name) => !there.includes(name));
  const unknown = there.filter((name) => !wanted.includes(name));
  if (wanted.length === 0 || missing.length > 0) throw new SetupError(`${target} lacks ${missing.join(', ') || 'the header’s functions'}.`);
  if (unknown.length > 0) throw new SetupError(`${target} exports ${unknown.join(', ')}, which the header does not have.`);
  say(`${target} has all ${wanted.length} functions of native/include/gpuparser.h`);
}

inRoot(say, () => {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new SetupError('The CUDA engine is built on Linux x64 only.');
  const inputs = () =>
    filesBelow(
      ['native', 'scripts/build-cuda.mjs', 'scripts/cuda-library.mjs', 'package.json'],
      (file) => !/^native\/(build|test|fuzz|bench)/.test(file),
    );
  mkdirSync(path.dirname(library), { recursive: true });
  const did = buildOnce(`${path.dirname(library)}/.stamp`, inputs, [library], compile);
  install();
  if (process.argv.includes('--check')) checkSymbols();
  say(did ? `built ${target}` : 'everything is there');
});

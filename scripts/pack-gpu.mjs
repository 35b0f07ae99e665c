// `npm run pack:gpu`: makes the npm package that carries the CUDA library, gpuparser-cuda-linux-x64-VERSION.tgz, for every card that
// `npm run setup:gpu -- --release` builds for. libcudf and nvCOMP are never in it.
//   --built       the library as `npm run setup:gpu` built it, for one card, and nothing is compiled: for tests
//   --into DIR    where the tarball goes (default: here)
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build, cardsOf, cudf, libraryOf } from './cuda-library.mjs';
import { inRoot, run, SetupError } from './toolchain.mjs';

const say = (text) => process.stderr.write(`pack:gpu: ${text}\n`);
const { built, into } = parseArgs({
  options: { built: { type: 'boolean', default: false }, into: { type: 'string', default: '.' } },
}).values;
const library = libraryOf(!built);
/** RHEL 9's. What older systems have is not enough for the static CUDA runtime linked with a newer glibc. */
const oldest = { GLIBC: '2.34', GLIBCXX: '3.4.29' };

inRoot(say, () => {
  if (!built) run(process.execPath, ['scripts/build-cuda.mjs', '--release', '--check'], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (!existsSync(library)) throw new SetupError(`${library} is not built.`, 'Run: npm run setup:gpu');
  if (!built) checkVersions();
  const main = JSON.parse(readFileSync('package.json', 'utf8'));
  const name = Object.keys(main.peerDependencies)[0];
  const folder = `${build}/package`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of ['LICENSE', 'native/cuda/THIRD_PARTY_NOTICES', library]) copyFileSync(file, path.join(folder, path.basename(file)));
  copyFileSync(runtimeLicense(), `${folder}/CUDA_EULA.txt`);
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest(name, main), null, 2)}\n`);
  writeFileSync(`${folder}/README.md`, readme(name, main.version));
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', path.resolve(into)], { cwd: folder });
  say(`made ${path.join(into, `${name.replace('@', '').replace('/', '-')}-${main.version}.tgz`)}`);
});

/** Linked on a newer system, it would not load where others install it. */
function checkVersions() {
  const text = run('objdump', ['-T', library]);
  for (const [name, least] of Object.entries(oldest)) {
    const versions = [...text.matchAll(new RegExp(`\\b${name}_([0-9.]+)`, 'g'))].map(([, version]) => version);
    const late = versions.find((version) => version.localeCompare(least, 'en', { numeric: true }) > 0);
    if (late) throw new SetupError(`${library} needs ${name}_${late}, newer than ${least}.`, 'Pack it on Debian 12 or Ubuntu 22.04.');
  }
}

/** Of the runtime that is linked in; its wheel brings it. */
function runtimeLicense() {
  const wheel = readdirSync(`${build}/wheels`).find((name) => /^nvidia_cuda_runtime-.*\.dist-info$/.test(name));
  return `${build}/wheels/${wheel}/licenses/License.txt`;
}

function manifest(name, { version, license, engines, homepage, bugs, repository }) {
  return {
    name,
    version,
    description: `The CUDA engine of gpuparser ${version} for Linux on x64`,
    homepage,
    bugs,
    repository,
    license,
    engines,
    os: ['linux'],
    cpu: ['x64'],
    libc: ['glibc'],
    files: ['libgpuparser_cuda.so', 'THIRD_PARTY_NOTICES', 'CUDA_EULA.txt'],
  };
}

function readme(name, version) {
  const cards = cardsOf(!built).map((card) => `sm_${card}`);
  return `# ${name}

The CUDA engine of [gpuparser](https://www.npmjs.com/package/gpuparser) ${version}, which exports PostgreSQL tables to Parquet. Install it beside
gpuparser, in the same version:

    npm install gpuparser@${version} ${name}@${version}

It runs on Linux on x64 with glibc ${oldest.GLIBC} or newer (Debian 12, Ubuntu 22.04, RHEL 9), an NVIDIA GPU (machine code for ${cards.join(', ')}; PTX for newer ones), driver 580 or newer, and cuDF ${cudf}, which it
does not carry:

    pip install "libcudf-cu13==${cudf}.*"

\`gpuparser doctor\` says what is there and what is missing.

Apache-2.0, see LICENSE; THIRD_PARTY_NOTICES and CUDA_EULA.txt for what is linked into the library.
`;
}

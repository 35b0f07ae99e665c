// `npm run setup`: installs and builds whatever is missing; does nothing, quickly, when nothing is.
//   --quiet   says nothing when there was nothing to do
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildOnce, filesBelow } from './stamp.mjs';
import { checkNode, ensureCompiler, inRoot, run } from './toolchain.mjs';

const say = (text) => process.stderr.write(`setup: ${text}\n`);

/** Packages of the lock file that node_modules lacks or holds in another version; what is optional may be absent (other platforms). */
function missingPackages() {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  return Object.entries(packages).filter(([folder, wanted]) => {
    if (!folder) return false;
    const file = path.join(folder, 'package.json');
    if (!existsSync(file)) return !wanted.optional;
    return JSON.parse(readFileSync(file, 'utf8')).version !== wanted.version;
  });
}

function installPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return false;
  say(`installing ${missing.length} npm packages`);
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  return true;
}

function buildNative() {
  const inputs = () =>
    filesBelow(['native', 'third_party', 'scripts/build-native.mjs', 'package.json'], (file) => !/^native\/build/.test(file));
  const library = `prebuilt/${process.platform}-${process.arch}/libgpuparser.so`;
  return buildOnce('native/build/.stamp', inputs, [library], () => {
    ensureCompiler(say);
    say('building the native library (a minute or two the first time)');
    run(process.execPath, ['scripts/build-native.mjs']);
  });
}

function compile() {
  const inputs = () =>
    filesBelow(['src', 'test', 'bench', 'scripts', 'tsconfig.json', 'package-lock.json'], (file) => /\.(ts|json)$|bundle\.mjs$/.test(file));
  return buildOnce('dist/.stamp', inputs, ['dist/src/index.js', 'dist/program/main.js'], () => {
    say('compiling TypeScript');
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
    run(process.execPath, ['scripts/bundle.mjs']);
  });
}

inRoot(say, () => {
  checkNode();
  const did = [installPackages(), buildNative(), compile()];
  if (did.some(Boolean)) say('done');
  else if (!process.argv.includes('--quiet')) say('everything is there');
});

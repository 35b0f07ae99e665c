// Brings package-lock.json up to package.json, with every platform's packages and a hash for each file.
// npm keeps what stands in a lock file: an entry that was once written without its hash stays without. And from a registry that
// lacks the packages built for other platforms it leaves them out, so that `npm ci` refuses the lock file elsewhere. So what is
// incomplete is asked for anew, and what then still is ends this with an error.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const file = 'package-lock.json';
const read = () => JSON.parse(readFileSync(file, 'utf8'));
const npm = (...args) => execFileSync('npm', [...args, '--ignore-scripts'], { stdio: ['ignore', 'ignore', 'inherit'] });

const lock = read();
for (const [path, { integrity }] of Object.entries(lock.packages)) if (path && !integrity) delete lock.packages[path];
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
npm('install', '--package-lock-only');

const { packages } = read();
const lacking = new Set(Object.keys(packages).filter((path) => path && !packages[path].integrity));
for (const { optionalDependencies = {} } of Object.values(packages)) {
  for (const name of Object.keys(optionalDependencies)) if (!packages[`node_modules/${name}`]) lacking.add(`node_modules/${name}`);
}
if (lacking.size > 0) {
  throw new Error(`the registry has no ${[...lacking].join(', ')}: run this with one that has (npm_config_registry)`);
}
npm('ci', '--dry-run');

// Completes package-lock.json after a dependency changed (`npm install --package-lock-only`, then this).
// A registry mirror may lack the packages built for other platforms; npm then leaves them out of the lock file, and
// `npm ci` refuses it, here and everywhere else. Their versions stand in their parents' optionalDependencies.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  if (!parent) continue;
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const folder = `node_modules/${name}`;
    if (lock.packages[folder] || !/^\d+\.\d+\.\d+/.test(version)) continue;
    const words = name.split(/[-/]/);
    const os = systems.filter((system) => words.includes(system));
    const cpu = processors.filter((processor) => words.includes(processor));
    if (os.length === 0) throw new Error(`${name}: which system is it for?`);
    const libc = os[0] !== 'linux' ? undefined : words.includes('musl') ? ['musl'] : undefined;
    lock.packages[folder] = { version, ...(cpu.length > 0 && { cpu }), ...(dev && { dev }), ...(libc && { libc }), optional: true, os };
  }
}
const [project, ...rest] = Object.entries(lock.packages);
lock.packages = Object.fromEntries([project, ...rest.sort(([a], [b]) => (a < b ? -1 : 1))]);
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
execFileSync('npm', ['ci', '--ignore-scripts', '--dry-run'], { stdio: ['ignore', 'ignore', 'inherit'] });

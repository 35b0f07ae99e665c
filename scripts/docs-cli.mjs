// Writes docs/cli.md from the option table; with --check only says whether it is in step. Needs `npm run build` before.
import { readFileSync, writeFileSync } from 'node:fs';
import { cliReference } from '../dist/src/cli/markdown.js';

const file = new URL('../docs/cli.md', import.meta.url);
const wanted = cliReference();

if (process.argv.includes('--check')) {
  let found = '';
  try {
    found = readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (found !== wanted) {
    console.error('docs/cli.md is not what src/cli/options.ts and commands.ts say. Run "npm run build && node scripts/docs-cli.mjs".');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, wanted);
}

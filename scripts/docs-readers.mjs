// Writes docs/readers.md from what was observed of readers; with --check only says whether it is in step. Needs `npm run build` before.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readersReference } from '../dist/test/readers/document.js';

const file = new URL('../docs/readers.md', import.meta.url);
const wanted = readersReference();

if (!process.argv.includes('--check')) {
  writeFileSync(file, wanted);
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== wanted) {
  console.error('docs/readers.md is not what test/readers says. Run "npm run build && node scripts/docs-readers.mjs".');
  process.exitCode = 1;
}

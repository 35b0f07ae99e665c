// Writes docs/types.md from the type table; with --check only says whether it is in step. Needs `npm run build` before.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { typesReference } from '../dist/src/plan/types-reference.js';

const file = new URL('../docs/types.md', import.meta.url);
const wanted = typesReference();

if (!process.argv.includes('--check')) {
  writeFileSync(file, wanted);
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== wanted) {
  console.error('docs/types.md is not what src/plan/types.ts says. Run "npm run build && node scripts/docs-types.mjs".');
  process.exitCode = 1;
}

// Writes the pages of docs/ that are made from tables in the source; with --check only says whether they are in step. Needs
// `npm run build` before.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cliReference } from '../dist/src/cli/markdown.js';
import { typesReference } from '../dist/src/types/types-reference.js';
import { readersReference } from '../dist/test/readers/document.js';

const pages = [
  { page: 'docs/cli.md', text: cliReference(), source: 'src/cli/options.ts and commands.ts' },
  { page: 'docs/types.md', text: typesReference(), source: 'src/types/types.ts' },
  { page: 'docs/readers.md', text: readersReference(), source: 'test/readers' },
];

for (const { page, text, source } of pages) {
  const file = new URL(`../${page}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error(`${page} is not what ${source} says. Run "npm run build && node scripts/docs.mjs".`);
    process.exitCode = 1;
  }
}

// Imports go downwards only, types included: no file reaches itself through others, and a folder of src/ uses the folders named here
// and no others. The table reads from top to bottom, as ARCHITECTURE.md does.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow } from './stamp.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** Files that every folder may use. */
const COMMON = [
  'errors',
  'options',
  'export-options',
  'counted',
  'option-names',
  'package',
  'edit-distance',
  'nearest',
  'file-stem',
  'url-like',
];
const USES = {
  cli: ['index', 'functions', 'demo'],
  demo: [],
  index: ['functions', 'library-words', 'doctor', 'run', 'verify', 'parquet', 'plan'],
  functions: ['doctor', 'ray', 'run', 'verify', 'parquet', 'plan'],
  'library-words': [],
  doctor: ['run', 'engine', 'postgres', 'config'],
  ray: ['run', 'engine', 'plan', 'sink', 'config'],
  run: ['planning', 'source', 'types', 'engine', 'plan', 'postgres', 'parquet', 'sink', 'config'],
  verify: ['planning', 'source', 'plan', 'postgres', 'parquet', 'sink', 'origin', 'config'],
  planning: ['source', 'types', 'plan', 'postgres', 'origin'],
  source: ['types', 'engine', 'plan', 'postgres', 'origin', 'config'],
  types: ['plan', 'postgres', 'origin'],
  engine: ['plan'],
  plan: ['origin'],
  postgres: ['origin', 'config'],
  parquet: ['origin', 'sink'],
  sink: ['origin'],
  origin: [],
  config: [],
};
const files = filesBelow(['src', 'test', 'bench'], (file) => file.endsWith('.ts'));
const imports = new Map(files.map((file) => [file, importsOf(file)]));
const problems = [...layering(), ...circles()];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function importsOf(file) {
  const found = readFileSync(file, 'utf8').matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)\.js'/g);
  return [...new Set([...found].map(([, target]) => `${path.join(path.dirname(file), target)}.ts`))];
}

/** `src/run/export.ts` is of `run`, `src/index.ts` of `index`. */
function layerOf(file) {
  return /^src\/([^/.]+)/.exec(file)?.[1];
}

function* layering() {
  const order = Object.keys(USES);
  for (const [layer, below] of Object.entries(USES)) {
    for (const other of below) {
      if (order.indexOf(other) <= order.indexOf(layer)) yield `scripts/check-imports.mjs: ${other} does not stand below ${layer}`;
    }
  }
  const unused = new Set(Object.entries(USES).flatMap(([layer, below]) => below.map((other) => `${layer} -> ${other}`)));
  for (const [file, targets] of imports) {
    const from = layerOf(file);
    for (const target of from === undefined ? [] : targets) {
      const to = layerOf(target);
      unused.delete(`${from} -> ${to}`);
      const allowed = from === to || COMMON.includes(to) || USES[from]?.includes(to);
      if (!allowed) yield `${file} imports ${target}: ${from} must not use ${to} (scripts/check-imports.mjs has the table)`;
    }
  }
  for (const use of unused) yield `scripts/check-imports.mjs: ${use} is allowed and no longer needed`;
}

/** Each circle once, as the files along it. */
function* circles() {
  const done = new Set();
  const trail = [];
  function* visit(file) {
    const at = trail.indexOf(file);
    if (at >= 0) yield `imports go round: ${[...trail.slice(at), file].join(' -> ')}`;
    if (at >= 0 || done.has(file)) return;
    trail.push(file);
    for (const target of imports.get(file) ?? []) yield* visit(target);
    trail.pop();
    done.add(file);
  }
  for (const file of imports.keys()) yield* visit(file);
}

// Whether a build's inputs changed since it last succeeded: names, sizes and times of files, hashed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** All files below the given files and folders, sorted; those that do not exist are left out. */
export function filesBelow(roots, keep = () => true) {
  const found = [];
  const visit = (file) => {
    if (!existsSync(file)) return;
    if (statSync(file).isDirectory()) {
      for (const name of readdirSync(file)) visit(path.join(file, name));
    } else if (keep(file)) {
      found.push(file);
    }
  };
  for (const root of roots) visit(root);
  return found.sort();
}

function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Runs `build` unless it has succeeded for just these inputs before and `outputs` are all there. Returns whether it ran. */
export function buildOnce(stampFile, inputs, outputs, build) {
  const before = fingerprint(inputs());
  const done = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === before && outputs.every((file) => existsSync(file));
  if (done) return false;
  build();
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, before);
  return true;
}

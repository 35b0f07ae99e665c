import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Reading, readingOf } from './reading.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const project = path.join(root, 'test/readers/java');

/** parquet-java's record reader, through the program in java/, which Maven builds first (100 MB of packages, into .maven/). */
export async function observeParquetJava(file: string): Promise<Reading> {
  await run('mvn', ['-q', '-B', `-Dmaven.repo.local=${path.join(root, '.maven')}`, 'package'], { cwd: project });
  const { stdout } = await run('java', ['-cp', 'target/classes:target/lib/*', 'ReadTypes', path.resolve(file)], {
    cwd: project,
    maxBuffer: 1 << 28,
  });
  return readingOf(stdout);
}

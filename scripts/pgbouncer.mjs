// The pooler that tests run before a server: installs it where it is missing.
import { existsSync } from 'node:fs';
import { inRoot, installPackages, onPath } from './toolchain.mjs';

const say = (text) => process.stderr.write(`pgbouncer: ${text}\n`);

inRoot(say, () => {
  // Where Debian puts it, which is not on every user's PATH.
  if (!onPath('pgbouncer') && !existsSync('/usr/sbin/pgbouncer')) installPackages(['PgBouncer'], ['pgbouncer'], say);
});

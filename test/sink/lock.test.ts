import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lockTable, whileLocked } from '../../src/sink/local/lock.js';
import { withFolder } from '../support/exporting.js';

const LOCK_MODULE = fileURLToPath(new URL('../../src/sink/local/lock.js', import.meta.url));

const node = (program: string, ...args: string[]) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (bytes) => (text += bytes));
  const ended = new Promise<{ code: number | null; text: string }>((resolve) => child.on('close', (code) => resolve({ code, text })));
  return { child, ended };
};
const line = (child: ChildProcess) => new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));

const deadPid = () =>
  new Promise<number>((resolve) => {
    const child = spawn(process.execPath, ['-e', '']).on('close', () => resolve(child.pid as number));
  });
const leaveLock = async (path: string, id: string) => writeFile(path, JSON.stringify({ pid: await deadPid(), host: hostname(), id }));

test('a second export of a table is refused by the name of the first, until that gives its lock back', () =>
  withFolder(async (folder) => {
    const release = await lockTable(folder, 't');
    await assert.rejects(lockTable(folder, 't'), new RegExp(`running: process ${process.pid} on `));
    await (await lockTable(folder, 'u'))();
    await release();
    await (await lockTable(folder, 't'))();
    assert.deepEqual(await readdir(folder), []);
  }));

test("a table named as the manifest is does not hold the manifest's lock", () =>
  withFolder(async (folder) => {
    const release = await lockTable(folder, '_manifest.json');
    await whileLocked(join(folder, '_manifest.json'), async () => undefined);
    await release();
    assert.deepEqual(await readdir(folder), []);
  }));

test("a dead process's lock is taken over, also when the one that was taking it over has died too", () =>
  withFolder(async (folder) => {
    const path = join(folder, '.t.lock');
    await leaveLock(path, 'aa');
    await leaveLock(`${path}.aa.gone`, 'bb');
    const release = await lockTable(folder, 't');
    assert.equal(JSON.parse(await readFile(path, 'utf8')).pid, process.pid);
    await release();
    assert.deepEqual(await readdir(folder), []);
  }));

test('a lock of an earlier process that had the number of one that lives is taken over', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, '.t.lock'), JSON.stringify({ pid: process.pid, host: hostname(), started: '17', id: 'aa' }));
    await (await lockTable(folder, 't'))();
    assert.deepEqual(await readdir(folder), []);
  }));

test("a dead process's lock is taken over, also when its number is another process's by now", () =>
  withFolder(async (folder) => {
    const path = join(folder, '.t.lock');
    const program = `import { lockTable } from ${JSON.stringify(LOCK_MODULE)};
      await lockTable(process.argv[1], 't');
      process.kill(process.pid, 'SIGKILL');`;
    await node(program, folder).ended;
    // As if this process had got the dead one's number.
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), pid: process.pid }));
    await (await lockTable(folder, 't'))();
    assert.deepEqual(await readdir(folder), []);
  }));

test("another host's lock and one that nobody signed are kept", () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, '.t.lock'), JSON.stringify({ pid: await deadPid(), host: 'elsewhere.example', id: 'aa' }));
    await assert.rejects(lockTable(folder, 't'), /process \d+ on elsewhere\.example/);
    await writeFile(join(folder, '.u.lock'), '');
    await assert.rejects(lockTable(folder, 'u'), /a process that did not sign its lock/);
    assert.deepEqual((await readdir(folder)).sort(), ['.t.lock', '.u.lock']);
  }));

test('of many processes that find a dead lock at once one gets it', () =>
  withFolder(async (folder) => {
    const program = `import { lockTable } from ${JSON.stringify(LOCK_MODULE)};
      const [folder, stems] = process.argv.slice(1);
      console.log('here');
      process.stdin.once('data', async () => {
        const won = [];
        await Promise.all(Array.from({ length: Number(stems) }, (_, i) => lockTable(folder, 't' + i).then(() => won.push(i), () => undefined)));
        console.log(JSON.stringify(won));
        process.stdin.once('data', () => process.exit());
      });`;
    const stems = 40;
    for (let i = 0; i < stems; i++) await leaveLock(join(folder, `.t${i}.lock`), `dead${i}`);
    const takers = Array.from({ length: 8 }, () => node(program, folder, String(stems)));
    await Promise.all(takers.map(({ child }) => line(child)));
    const answers = takers.map(({ child }) => line(child));
    for (const { child } of takers) child.stdin.write('go\n');
    // All hold what they won until all have tried.
    await Promise.all(answers);
    for (const { child } of takers) child.stdin.write('end\n');
    const won = (await Promise.all(takers.map(({ ended }) => ended))).flatMap(({ text }) => JSON.parse(text.split('\n')[1] as string));
    assert.deepEqual(
      won.sort((a, b) => a - b),
      Array.from({ length: stems }, (_, i) => i),
    );
  }));

test('changes under a lock do not overlap, although some of their processes die while they hold it', () =>
  withFolder(async (folder) => {
    // Appending to what was read loses an entry when two do it at once.
    const program = `import { readFileSync, writeFileSync } from 'node:fs';
      import { whileLocked } from ${JSON.stringify(LOCK_MODULE)};
      const [path, name] = process.argv.slice(1);
      for (let i = 0; i < 10; i++) await whileLocked(path, async () => {
        const text = readFileSync(path, 'utf8');
        await new Promise((resolve) => setTimeout(resolve, 2));
        writeFileSync(path, text + name + i + '\\n');
        if (i === 9 && name < 'd') process.kill(process.pid, 'SIGKILL');
      });`;
    const path = join(folder, 'list');
    await writeFile(path, '');
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => node(program, path, name).ended));
    assert.equal((await readFile(path, 'utf8')).split('\n').length - 1, 80);
    await whileLocked(path, async () => undefined);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name !== 'list' && !/^\.\.list\.lock\.\w+$/.test(name)),
      [],
    );
  }));

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { bareEnvironment, emptyHome, type Packed, packMain } from '../support/packed.js';
import { startServer, type TestServer } from '../support/server.js';
import { lineitem } from '../support/tables.js';

const run = promisify(execFile);

describe('the package', () => {
  let folder: string;
  let packed: Packed;
  let server: TestServer;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-package-'));
    packed = await packMain(folder);
    env = await bareEnvironment(folder);
    server = await startServer();
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('holds the command, the compiled library and the native library, and nothing that only the project needs', () => {
    const files = packed.files.map((file) => file.path);
    const needed = [
      'bin/gpuparser.js',
      'dist/src/index.js',
      'dist/program/main.js',
      'dist/program/worker-main.js',
      'src/ray/gpuparser_driver/__main__.py',
      'dist/src/index.d.ts',
      'prebuilt/linux-x64/libgpuparser.so',
      'LICENSE',
      'README.md',
      'THIRD_PARTY_NOTICES',
    ];
    assert.deepEqual(
      needed.filter((name) => !files.includes(name)),
      [],
    );
    assert.deepEqual(
      files.filter((name) =>
        /^(dist\/(?!(src|program)\/)|src\/(?!ray\/gpuparser_driver\/\w+\.py$)|test\/|bench\/(?!results\/)|scripts\/|third_party\/|native\/(?!include\/))|\.stamp$|cuda.*\.so$/.test(
          name,
        ),
      ),
      [],
    );
  });

  it('holds every file that its documents link to', async () => {
    const files = new Set(packed.files.map((file) => file.path));
    const documents = [...files].filter((file) => file.endsWith('.md') && !file.startsWith('bench/'));
    for (const named of ['README.md', 'README.ja.md', 'docs/README.md']) assert.ok(documents.includes(named), named);
    const missing: string[] = [];
    for (const document of documents) {
      const text = await readFile(document, 'utf8');
      const links = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)|\b(?:src|href)="([^"#]+)/g)].map(
        ([, link, attribute]) => (link ?? attribute) as string,
      );
      const targets = links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => path.posix.join(path.posix.dirname(document), link));
      missing.push(...targets.filter((target) => !files.has(target)).map((target) => `${document}: ${target}`));
    }
    assert.deepEqual(missing, []);
  });

  it('says where the project lives', async () => {
    const { repository, homepage, bugs } = JSON.parse(await readFile('package.json', 'utf8')) as Record<string, unknown>;
    const home = 'https://github.com/gpuparser/gpuparser';
    assert.deepEqual(
      { repository, homepage, bugs },
      { repository: { type: 'git', url: `git+${home}.git` }, homepage: `${home}#readme`, bugs: `${home}/issues` },
    );
  });

  it('runs no script of ours when it is installed', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
    assert.deepEqual(
      Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare|uninstall)$/.test(name)),
      [],
    );
  });

  it('exports a table when installed into an empty folder of a machine without a compiler', async () => {
    const home = await emptyHome(folder);
    await run('npm', ['install', '--no-audit', '--no-fund', path.join(folder, packed.filename)], { cwd: home, env });
    assert.ok(!existsSync(path.join(home, 'node_modules', 'typescript')), 'no development dependency comes along');

    const { stdout: version } = await run('node', ['-e', "import('gpuparser').then((library) => console.log(library.version))"], {
      cwd: home,
      env,
    });
    assert.match(version, /^\d+\.\d+\.\d+\n$/);
    // What follows is the command's, which is bundled: were a module of it left outside, every start would pay for it.
    await rm(path.join(home, 'node_modules', 'gpuparser', 'dist', 'src'), { recursive: true });

    const table = lineitem(5000);
    for (const statement of table.statements) await server.sql(statement);
    const connection = ['-h', server.host, '-P', String(server.port), '-u', server.user, '-d', server.database];
    const { stdout } = await run(
      'npx',
      ['--no', 'gpuparser', 'export', '-t', 'lineitem', '-o', 'out', '--device', 'cpu', '--json', ...connection],
      { cwd: home, env },
    );
    const summary = JSON.parse(stdout) as { rows: number; files: { path: string }[] };
    assert.equal(summary.rows, 5000);

    const rows: Record<string, unknown>[] = [];
    for (const { path: file } of summary.files) {
      rows.push(...(await parquetReadObjects({ file: await asyncBufferFromFile(path.resolve(home, file)) })));
    }
    const comments = rows.map((row) => row.l_comment).join('|');
    assert.equal(comments, await server.value("SELECT string_agg(l_comment, '|' ORDER BY ctid) FROM lineitem"));
  });
});

it('the lock file has a hash for every package, those of other platforms too', async () => {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    packages: Record<string, { integrity?: string; optionalDependencies?: Record<string, string> }>;
  };
  const names = Object.keys(packages).filter((name) => name !== '');
  assert.deepEqual(
    names.filter((name) => !packages[name]!.integrity?.startsWith('sha512-')),
    [],
  );
  const optional = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
  assert.ok(optional.length > 20);
  assert.deepEqual(
    optional.filter((name) => !names.includes(`node_modules/${name}`)),
    [],
  );
});

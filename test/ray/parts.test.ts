import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GpuParserError } from '../../src/errors.js';
import { dashboardAddress, isPrivate } from '../../src/ray/address.js';
import type { Cluster } from '../../src/ray/cluster.js';
import { cutLog } from '../../src/ray/events.js';
import { RayHttp } from '../../src/ray/http.js';
import { chooseLanes } from '../../src/ray/lanes.js';
import { buildPackage } from '../../src/ray/package.js';
import { seal } from '../../src/ray/seal.js';
import { findToken } from '../../src/ray/token.js';
import { zip } from '../../src/ray/zip.js';

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'gpuparser-ray-'));
  const result = use(folder);
  const clear = () => rmSync(folder, { recursive: true, force: true });
  if (result instanceof Promise) return result.finally(clear) as T;
  clear();
  return result;
}

function refusal(code: string, pattern: RegExp) {
  return (error: unknown) => error instanceof GpuParserError && error.code === code && pattern.test(error.message);
}

describe('the package', () => {
  it("is a zip that Python's zipfile reads, with modes and names outside ASCII", () => {
    inFolder((folder) => {
      const big = Buffer.alloc(300_000, 'abc');
      writeFileSync(
        path.join(folder, 'a.zip'),
        zip([
          { name: 'x.sh', bytes: Buffer.from('#!/bin/sh\n'), executable: true },
          { name: 'ordner/größe.txt', bytes: big },
          { name: 'empty', bytes: Buffer.alloc(0) },
        ]),
      );
      const script = `import zipfile;z=zipfile.ZipFile('a.zip');print(z.testzip());print([(i.filename,oct(i.external_attr>>16),i.file_size) for i in z.infolist()])`;
      const told = execFileSync('python3', ['-c', script], { cwd: folder, encoding: 'utf8' });
      assert.equal(told, "None\n[('x.sh', '0o100755', 10), ('ordner/größe.txt', '0o100644', 300000), ('empty', '0o100644', 0)]\n");
    });
  });

  it('has the same name for the same contents, another for others, and holds all that a worker loads', async () => {
    const [one, two] = await Promise.all([buildPackage(), buildPackage()]);
    assert.equal(one.uri, two.uri);
    assert.notEqual((await buildPackage([{ name: 'more', bytes: Buffer.from('x') }])).uri, one.uri);
    await inFolder(async (folder) => {
      writeFileSync(path.join(folder, 'p.zip'), zip(one.entries));
      execFileSync('python3', ['-m', 'zipfile', '-e', 'p.zip', 'out'], { cwd: folder });
      assert.ok(statSync(path.join(folder, 'p.zip')).size < 20 << 20);
      // The worker says at once that there is no such device: so its modules and the native library were loaded.
      const plan = { columns: [], writer: {}, snapshot: {} };
      const connection = { host: '127.0.0.1', port: 9, connectTimeoutMs: 1000, ssl: { mode: 'disable' } };
      const requests = [
        { type: 'prepare', device: 'none', threads: 1, memoryBytes: 1 << 28 },
        { type: 'plan', plan, place: folder, connection, connections: 1, locks: { statements: [], complete: true } },
      ];
      const command = `(cat; sleep 2) | ${process.execPath} out/dist/src/run/worker-main.js`;
      const told = execFileSync('sh', ['-c', command], {
        cwd: folder,
        input: requests.map((request) => `${JSON.stringify(request)}\n`).join(''),
        encoding: 'utf8',
      });
      assert.match(JSON.parse(told).error.message, /device must be/);
    });
  });
});

describe('a sealed message', () => {
  /** Has sealed.py open messages that were sealed for the key it gives. */
  const opened = (program: string, input: (publicKey: Buffer) => string): Promise<string> =>
    new Promise((resolve, reject) => {
      const script = `import sys\nfrom gpuparser_driver.sealed import Receiver, x25519\n${program}`;
      const python = spawn('python3', ['-Bc', script], { cwd: 'src/ray', stdio: ['pipe', 'pipe', 'inherit'] });
      let text = '';
      python.stdout.on('data', (bytes) => {
        text += bytes;
        if (text.length >= 65 && !python.stdin.writableEnded) {
          python.stdin.end(input(Buffer.from(text.slice(0, 64), 'hex')));
          text = text.slice(65);
        }
      });
      python.on('error', reject);
      python.on('close', () => resolve(text));
    });
  const receive = `
receiver = Receiver()
print(receiver.public.hex(), flush=True)
for line in sys.stdin:
    try:
        print(receiver.open(bytes.fromhex(line)).hex())
    except ValueError as error:
        print(error)
`;

  it('is opened by the driver as it was, whatever its length, and shows nothing of what is in it', async () => {
    const messages = [0, 1, 31, 32, 33, 63, 64, 65, 100_000].map((length) => Buffer.alloc(length, 'Geheim'));
    messages.push(randomBytes(1 << 20), Buffer.alloc(40));
    const sealed: Buffer[] = [];
    const told = await opened(receive, (key) => {
      sealed.push(...messages.map((message) => seal(message, key)));
      return sealed.map((bytes) => `${bytes.toString('hex')}\n`).join('');
    });
    assert.deepEqual(
      told.split('\n').slice(0, -1),
      messages.map((message) => message.toString('hex')),
    );
    for (const [at, bytes] of sealed.entries()) {
      assert.equal(bytes.length, messages[at]!.length + 64);
      assert.ok(!bytes.includes('Geheim'));
    }
  });

  it('is refused when a bit of it was changed, or when it was sealed for another', async () => {
    const told = await opened(receive, (key) => {
      const sealed = seal(Buffer.from('password'), key);
      const changed = Array.from(sealed, (_, at) => Buffer.from(sealed.map((byte, place) => (place === at ? byte ^ 1 : byte))));
      const other = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }).x as string;
      const all = [...changed, seal(Buffer.from('password'), Buffer.from(other, 'base64url')), Buffer.alloc(0), Buffer.alloc(72)];
      return all.map((bytes) => `${bytes.toString('hex')}\n`).join('');
    });
    assert.deepEqual(told.split('\n').slice(0, -1), Array(72 + 3).fill('not sealed for this receiver'));
  });

  it('rests on the X25519 of RFC 7748: its test vectors', async () => {
    // Section 5.2, the first two, and the iterated one after 1,000 rounds.
    const told = await opened(
      `
print('0' * 64, flush=True)
for line in sys.stdin:
    print(x25519(*map(bytes.fromhex, line.split())).hex())
k = u = bytes([9] + [0] * 31)
for _ in range(1000):
    k, u = x25519(k, u), k
print(k.hex())
`,
      () =>
        'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4 e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c\n' +
        '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493\n',
    );
    assert.deepEqual(told.split('\n').slice(0, -1), [
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
      '684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51',
    ]);
  });
});

describe('the log', () => {
  it("gives the driver's complete lines alone, past other text before and after them", () => {
    const event = fc.record({ n: fc.nat(), ev: fc.constant('notice'), text: fc.string() }, { noNullPrototype: true });
    const other = fc.string().map((text) => text.replaceAll(/[\n\u001e]/g, ''));
    const piece = fc.oneof(event, other);
    fc.assert(
      fc.property(fc.array(piece), other, (pieces, rest) => {
        const text = pieces.map((one) => (typeof one === 'string' ? `${one}\n` : `\u001e${JSON.stringify(one)}\n`)).join('') + rest;
        const { events, lines, damaged } = cutLog(text);
        assert.deepEqual(
          events.map(({ event: one, line }) => [one, line]),
          pieces.flatMap((one, line) => (typeof one === 'string' ? [] : [[one, line]])),
        );
        assert.equal(lines, pieces.length);
        assert.equal(damaged, false);
      }),
    );
    assert.deepEqual(cutLog('text without an end\u001e{"n":3,"ev":"end"}\n').events.length, 1);
    assert.equal(cutLog('\u001e{"n":3,"ev":1"end"}\n').damaged, true);
    assert.equal(cutLog('\u001e{"n":3,"e').damaged, false);
  });
});

describe('the token', () => {
  it('comes from the flag, then RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH and ~/.ray/auth_token', async () => {
    await inFolder(async (folder) => {
      const file = (name: string, text: string) => {
        writeFileSync(path.join(folder, name), text);
        return path.join(folder, name);
      };
      const [flag, named] = [file('flag', 'from-flag\n'), file('named', 'from-path')];
      execFileSync('mkdir', ['-p', path.join(folder, '.ray')]);
      file('.ray/auth_token', 'from-home\n');
      const all = { HOME: folder, RAY_AUTH_TOKEN: 'from-variable', RAY_AUTH_TOKEN_PATH: named };
      assert.equal((await findToken(flag, all))?.text, 'from-flag');
      assert.equal((await findToken(undefined, all))?.text, 'from-variable');
      assert.equal((await findToken(undefined, { ...all, RAY_AUTH_TOKEN: '' }))?.text, 'from-path');
      assert.equal((await findToken(undefined, { HOME: folder }))?.text, 'from-home');
      assert.equal(await findToken(undefined, { HOME: path.join(folder, 'none') }), undefined);
    });
  });

  it('is refused with its place, never its text, when it cannot be one', async () => {
    await inFolder(async (folder) => {
      writeFileSync(path.join(folder, 'empty'), '\n');
      await assert.rejects(findToken(path.join(folder, 'missing'), {}), refusal('USAGE', /cannot be read/));
      await assert.rejects(findToken(path.join(folder, 'empty'), {}), refusal('USAGE', /is empty/));
      await assert.rejects(
        findToken(undefined, { RAY_AUTH_TOKEN: 'two words' }),
        (error: GpuParserError) => !error.message.includes('two words'),
      );
    });
  });
});

describe('the address', () => {
  it("is the dashboard's, whichever of Ray's forms names the head", () => {
    const of = (given: string | undefined, environment = {}) => dashboardAddress(given, environment).href;
    assert.equal(of(undefined), 'http://127.0.0.1:8265/');
    assert.equal(of(undefined, { RAY_ADDRESS: 'auto' }), 'http://127.0.0.1:8265/');
    assert.equal(of(undefined, { RAY_ADDRESS: 'ray://head.example:10001' }), 'http://head.example:8265/');
    assert.equal(of(undefined, { RAY_ADDRESS: '10.0.0.1:6379', RAY_API_SERVER_ADDRESS: 'https://ray.example/x' }), 'https://ray.example/x');
    assert.equal(of('[::1]:6379'), 'http://[::1]:8265/');
    assert.throws(() => of('ftp://head'), refusal('USAGE', /not the address/));
    assert.throws(() => of('two words'), refusal('USAGE', /not the address/));
  });

  it('is private on this machine or by TLS alone', () => {
    const of = (text: string) => isPrivate(new URL(text));
    assert.deepEqual(['http://127.0.0.1:1', 'http://localhost', 'http://[::1]', 'https://head'].map(of), [true, true, true, true]);
    assert.deepEqual(['http://head', 'http://10.0.0.1', 'http://127.0.0.1.example'].map(of), [false, false, false]);
  });
});

describe('the lanes', () => {
  const cluster = (...nodes: { cpus: number; gpus: number }[]): Cluster => ({
    http: new RayHttp(new URL('http://head:8265'), undefined),
    rayVersion: '2.60.0',
    warnings: [],
    nodes: nodes.map((node, at) => ({ id: String(at), address: `10.0.0.${at}`, memoryBytes: 2 ** 34, ...node })),
  });
  const gpus = { cpus: 8, gpus: 2 };
  const missingCuda = new GpuParserError('DEVICE', 'The CUDA engine is not in this installation.', { hint: 'Install it.' });

  it('take a GPU each where there are some and this build can use them', () => {
    assert.deepEqual(chooseLanes(cluster(gpus, gpus), {}, '/lib.so').names, Array(4).fill('cuda:0'));
    assert.deepEqual(chooseLanes(cluster(gpus, gpus), { gpus: 3 }, '/lib.so').resources, { gpus: 1 });
    assert.deepEqual(chooseLanes(cluster(gpus, gpus), {}, missingCuda).resources, { cpus: 8 });
    assert.match(chooseLanes(cluster(gpus), {}, missingCuda).reason, /the GPUs stay idle: The CUDA engine is not in .* \(Install it\)$/);
  });

  it("share a node's CPUs among its lanes", () => {
    assert.deepEqual(chooseLanes(cluster({ cpus: 8, gpus: 0 }, { cpus: 8, gpus: 0 }), { device: 'cpu', gpus: 4 }).resources, { cpus: 4 });
    assert.equal(chooseLanes(cluster({ cpus: 8, gpus: 0 }), { device: 'cpu', rayWorkers: 3 }).threads, 2);
    assert.deepEqual(chooseLanes(cluster({ cpus: 2, gpus: 0 }), { device: 'cpu', gpus: 5 }).resources, { cpus: 0.4 });
  });

  it('are refused, naming what is there, when the cluster lacks what was asked for', () => {
    const none = cluster({ cpus: 8, gpus: 0 });
    assert.throws(
      () => chooseLanes(none, { device: 'cuda' }, '/lib.so'),
      refusal('DEVICE', /has no GPU \(nodes: 10\.0\.0\.0: 8 CPU, 0 GPU\)/),
    );
    assert.throws(() => chooseLanes(cluster(gpus), { gpus: 3 }, '/lib.so'), refusal('DEVICE', /3 GPUs were asked for, but .* has 2/));
    assert.throws(() => chooseLanes(cluster(gpus), { gpus: 2 }, missingCuda), refusal('DEVICE', /CUDA engine is not in this installation/));
    assert.throws(() => chooseLanes(cluster(), { device: 'cpu' }), refusal('DEVICE', /no CPU/));
    assert.equal(chooseLanes(none, { device: 'cuda', gpus: 2, rayWait: true }, '/lib.so').names.length, 2);
  });
});

it('a lane whose packages cannot be installed says what pip said, any other what Ray calls its end', () => {
  const script = `import json
from gpuparser_driver.dispatch import loss
class RuntimeEnvSetupError(Exception): pass
class ActorDiedError(Exception): pass
output = "Failed to set up runtime environment.\\nRun cmd[3] failed.\\n  ERROR: Could not find a version (from versions: none)\\n  ERROR: No matching distribution found for x==1\\n\\n  [notice] A new release of pip"
print(json.dumps([loss(None, ["x==1"], RuntimeEnvSetupError(output)), loss("10.0.0.1", ["x==1"], ActorDiedError("gone"))]))`;
  const env = { ...process.env, PYTHONPATH: 'test/ray/simulated:src/ray', SIMULATED: '{}' };
  const [pip, died] = JSON.parse(execFileSync('python3', ['-Bc', script], { env, encoding: 'utf8' })) as {
    message: string;
    hint: string;
  }[];
  assert.equal(pip?.message, 'Ray could not install x==1 on a node: No matching distribution found for x==1.');
  assert.match(pip?.hint ?? '', /package index/);
  assert.equal(died?.message, 'The lane on node 10.0.0.1 was lost (ActorDiedError).');
});

it('the driver is a program that Python 3.9 compiles', () => {
  const folder = 'src/ray/gpuparser_driver';
  const files = readdirSync(folder).filter((name) => name.endsWith('.py'));
  assert.ok(files.length >= 5);
  for (const name of files) {
    const input = readFileSync(path.join(folder, name), 'utf8');
    execFileSync('python3', ['-c', 'import ast,sys;ast.parse(sys.stdin.read(),feature_version=(3,9))'], { input });
  }
});

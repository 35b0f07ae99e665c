import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GpuParserError } from '../../src/errors.js';
import { dashboardAddress, isPrivate } from '../../src/ray/address.js';
import type { Cluster } from '../../src/ray/cluster.js';
import { LogCutter } from '../../src/ray/events.js';
import { RayHttp } from '../../src/ray/http.js';
import { chooseLanes } from '../../src/ray/lanes.js';
import { buildPackage } from '../../src/ray/package.js';
import { findToken } from '../../src/ray/token.js';
import { FrameReader } from '../../src/ray/websocket.js';
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
        { type: 'plan', plan, output: folder, connection, connections: 1 },
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

describe('the WebSocket reader', () => {
  const frame = (opcode: number, payload: Buffer, final: boolean) => {
    const { length } = payload;
    const head =
      length < 126 ? Buffer.from([0, length]) : length < 65_536 ? Buffer.from([0, 126, length >> 8, length & 255]) : Buffer.alloc(10);
    if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2).toString();
    if (length >= 65_536) head[1] = 127;
    head[0] = (final ? 0x80 : 0) | opcode;
    return Buffer.concat([head, payload]);
  };

  it('puts messages together from fragments however the stream is cut, control frames in between', () => {
    const message = fc.record({
      text: fc.string({ maxLength: 70_000, minLength: 0, unit: 'grapheme' }),
      fragments: fc.integer({ min: 1, max: 4 }),
      ping: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (messages, cuts) => {
        const parts: Buffer[] = [];
        for (const { text, fragments, ping } of messages) {
          const bytes = Buffer.from(text);
          const size = Math.ceil(bytes.length / fragments);
          for (let at = 0; at < fragments; at++) {
            parts.push(frame(at === 0 ? 1 : 0, bytes.subarray(at * size, (at + 1) * size), at === fragments - 1));
            if (ping && at === 0) parts.push(frame(9, Buffer.from('p'), true));
          }
        }
        const texts: string[] = [];
        let pings = 0;
        const reader = new FrameReader((opcode, payload) => (opcode === 9 ? pings++ : texts.push(payload.toString())));
        const stream = Buffer.concat(parts);
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const end = at + (cuts[cut % cuts.length] as number);
          reader.push(stream.subarray(at, end));
          at = end;
        }
        assert.deepEqual(
          texts,
          messages.map(({ text }) => text),
        );
        assert.equal(pings, messages.filter(({ ping }) => ping).length);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses masked frames, reserved bits and absurd lengths', () => {
    const long = Buffer.alloc(10, 0xff);
    long[0] = 0x81;
    long[1] = 127;
    for (const bytes of [Buffer.from([0x81, 0x80]), Buffer.from([0xc1, 0x00]), long]) {
      assert.throws(() => new FrameReader(() => undefined).push(bytes), refusal('PROTOCOL', /WebSocket/));
    }
  });
});

describe('the log', () => {
  it("gives the driver's lines alone, numbered, however the text is cut", () => {
    const line = fc.oneof(
      fc.string().map((text) => `\u001e${text.replaceAll(/[\n\u001e]/g, '')}`),
      fc.string().map((text) => text.replaceAll(/[\n\u001e]/g, '')),
    );
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 40 }), (lines, cut) => {
        const text = lines.map((one) => `${one}\n`).join('');
        const heard: string[] = [];
        const cutter = new LogCutter((index, one) => {
          assert.equal(index, heard.length);
          heard.push(one);
        });
        for (let at = 0; at < text.length; at += cut) cutter.push(text.slice(at, at + cut));
        assert.deepEqual(
          heard,
          lines.filter((one) => one.startsWith('\u001e')).map((one) => one.slice(1)),
        );
      }),
    );
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

  it('take a GPU each where there are some and this build can use them', () => {
    assert.deepEqual(chooseLanes(cluster(gpus, gpus), {}, true).names, Array(4).fill('cuda:0'));
    assert.deepEqual(chooseLanes(cluster(gpus, gpus), { gpus: 3 }, true).resources, { gpus: 1 });
    assert.deepEqual(chooseLanes(cluster(gpus, gpus), {}, false).resources, { cpus: 8 });
  });

  it("share a node's CPUs among its lanes", () => {
    assert.deepEqual(chooseLanes(cluster({ cpus: 8, gpus: 0 }, { cpus: 8, gpus: 0 }), { device: 'cpu', gpus: 4 }).resources, { cpus: 4 });
    assert.equal(chooseLanes(cluster({ cpus: 8, gpus: 0 }), { device: 'cpu', rayWorkers: 3 }).threads, 2);
    assert.deepEqual(chooseLanes(cluster({ cpus: 2, gpus: 0 }), { device: 'cpu', gpus: 5 }).resources, { cpus: 0.4 });
  });

  it('are refused, naming what is there, when the cluster lacks what was asked for', () => {
    const none = cluster({ cpus: 8, gpus: 0 });
    assert.throws(() => chooseLanes(none, { device: 'cuda' }, true), refusal('DEVICE', /has no GPU \(nodes: 10\.0\.0\.0: 8 CPU, 0 GPU\)/));
    assert.throws(() => chooseLanes(cluster(gpus), { gpus: 3 }, true), refusal('DEVICE', /3 GPUs were asked for, but .* has 2/));
    assert.throws(() => chooseLanes(cluster(gpus), { gpus: 2 }, false), refusal('DEVICE', /not in this build/));
    assert.throws(() => chooseLanes(cluster(), { device: 'cpu' }), refusal('DEVICE', /no CPU/));
    assert.equal(chooseLanes(none, { device: 'cuda', gpus: 2, rayWait: true }, true).names.length, 2);
  });
});

it('the driver is a program that Python 3.9 compiles', () => {
  const text = readFileSync('src/ray/driver.py', 'utf8');
  execFileSync('python3', ['-c', 'import ast,sys;ast.parse(sys.stdin.read(),feature_version=(3,9))'], { input: text });
});

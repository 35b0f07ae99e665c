import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const bin = path.resolve('.venv/bin');

/** Ray started so that the end of this process, whatever its kind, ends it too. */
const GUARD = 'import ctypes,os,signal,sys;ctypes.CDLL(None).prctl(1,signal.SIGTERM);os.execv(sys.argv[1],sys.argv[1:])';

export interface RayNode {
  /** Of `ray start --block`, the parent of the node's processes. */
  readonly pid: number;
  /** SIGKILL to the raylet: the cluster loses the node. */
  lose(): void;
  stop(): Promise<void>;
}

export interface RayHead extends RayNode {
  /** http://127.0.0.1:PORT of the dashboard. */
  readonly address: string;
  /** Session files: logs, unpacked packages. */
  readonly folder: string;
  addNode(resources: Resources): Promise<RayNode>;
  /** GETs JSON from the dashboard. */
  get(path: string): Promise<unknown>;
  /** Worker processes of exports on this cluster, by their working folder. */
  workers(): { readonly pid: number; readonly parent: number }[];
}

interface Resources {
  readonly cpus?: number;
  /** Logical ones: nothing asks whether the machine has any. */
  readonly gpus?: number;
  /** CUDA_VISIBLE_DEVICES of the node. */
  readonly visible?: string;
}

interface HeadOptions extends Resources {
  readonly token?: string;
}

/**
 * Starts a Ray head with logical resources; stop() it in `after`. Takes 3 to 10 s. Somebody may take one of its ports before Ray does:
 * then it starts with others.
 */
export async function startHead(options: HeadOptions = {}): Promise<RayHead> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await headOnFreePorts(options);
    } catch (error) {
      if (attempt === 3) throw error;
      console.error(`Ray's head did not start; it is started again on other ports: ${(error as Error).message}`);
    }
  }
}

async function headOnFreePorts({ cpus = 2, gpus = 0, visible, token }: HeadOptions): Promise<RayHead> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gpr-'));
  const [gcs, dashboard, client, agent] = (await freePorts(4)) as [number, number, number, number];
  const address = `http://127.0.0.1:${dashboard}`;
  const environment = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    RAY_USAGE_STATS_ENABLED: '0',
    HOME: folder,
    ...(token === undefined ? {} : { RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN: token }),
  };
  const common = ['--block', '--min-worker-port=0', '--max-worker-port=0', '--object-store-memory=80000000', '--disable-usage-stats'];
  const start = async (args: readonly string[], resources: Resources, listen: number): Promise<RayNode> => {
    const child = spawn(
      path.join(bin, 'python'),
      [
        '-c',
        GUARD,
        path.join(bin, 'ray'),
        'start',
        ...args,
        ...common,
        `--num-cpus=${resources.cpus ?? 0}`,
        `--num-gpus=${resources.gpus ?? 0}`,
        `--dashboard-agent-listen-port=${listen}`,
      ],
      {
        env: { ...environment, ...(resources.visible === undefined ? {} : { CUDA_VISIBLE_DEVICES: resources.visible }) },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    await started(child).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw error;
    });
    return nodeOf(child);
  };
  const clear = async () => {
    for (const { pid, command, cwd } of processes()) if (command.includes(folder) || cwd.startsWith(folder)) kill(pid, 'SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  const head = await start(
    [
      '--head',
      `--port=${gcs}`,
      `--dashboard-port=${dashboard}`,
      '--include-dashboard=true',
      `--ray-client-server-port=${client}`,
      `--temp-dir=${folder}`,
    ],
    { cpus, gpus, ...(visible === undefined ? {} : { visible }) },
    agent,
  ).catch(async (error: unknown) => {
    await clear();
    throw error;
  });
  const others: RayNode[] = [];
  const get = async (where: string) => (await fetch(address + where, { headers })).json();
  const nodes = async () => {
    const answer = (await get('/api/v0/nodes')) as { data: { result: { result: { state: string }[] } } };
    return answer.data.result.result.filter(({ state }) => state === 'ALIVE').length;
  };
  const stop = async () => {
    await Promise.all(others.map((node) => node.stop()));
    await head.stop();
    await clear();
  };
  await until(async () => (await nodes().catch(() => 0)) === 1, 60_000, 'the head to answer').catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    ...head,
    address,
    folder,
    get,
    addNode: async (resources) => {
      const before = await nodes();
      const [listen] = (await freePorts(1)) as [number];
      const node = await start([`--address=127.0.0.1:${gcs}`], resources, listen);
      others.push(node);
      await until(async () => (await nodes()) > before, 30_000, 'the node to join');
      return node;
    },
    workers: () => processes().filter(({ title, cwd }) => title.startsWith('gpuparser worker') && cwd.startsWith(folder)),
    stop,
  };
}

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly title: string;
  readonly command: string;
  readonly cwd: string;
}

/** All processes that can be looked at. */
export function processes(): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
      found.push({ pid: Number(name), parent, title: command.trim(), command, cwd: readlinkSync(`/proc/${name}/cwd`) });
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

/** Waits until `condition` holds; throws when it does not in time. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number, what: string): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`);
    await sleep(50);
  }
}

function nodeOf(child: ChildProcess): RayNode {
  const pid = child.pid as number;
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return {
    pid,
    lose: () => {
      const raylet = processes().find(({ parent, command }) => parent === pid && command.includes('/raylet/raylet '));
      if (raylet === undefined) throw new Error('no raylet found');
      kill(raylet.pid, 'SIGKILL');
    },
    stop: async () => {
      kill(pid, 'SIGTERM');
      const timer = setTimeout(() => kill(pid, 'SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Resolves when `ray start` says that it is up, which it does within 60 s or never. */
function started(child: ChildProcess): Promise<void> {
  let output = '';
  return new Promise((resolve, reject) => {
    const hear = (bytes: Buffer) => {
      output = (output + bytes).slice(-20_000);
      if (/Ray runtime started/.test(output)) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`ray start ended with ${code}: ${output}`)));
    setTimeout(() => reject(new Error(`ray start said nothing for 60 s: ${output}`)), 60_000).unref();
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

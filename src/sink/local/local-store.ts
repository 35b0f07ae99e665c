import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { GpuParserError } from '../../errors.js';
import type { OpenFile } from '../byte-source.js';
import { temporaryName } from '../names.js';
import type { Pending, Release, Store } from '../store.js';
import { AtomicFile, outputError, writeAtomically } from './atomic-file.js';
import { FileSource } from './file-source.js';
import { lockTable, whileLocked } from './lock.js';

/** A folder of this machine, or one that several see under one path. */
export class LocalStore implements Store {
  readonly place: string;

  constructor(folder: string) {
    this.place = absolute(folder);
  }

  pathOf(name: string): string {
    return join(this.place, name);
  }

  async prepare(): Promise<void> {
    try {
      await makeFolder(this.place);
      if (!(await stat(this.place)).isDirectory()) throw Object.assign(new Error(), { code: 'EEXIST' });
    } catch (cause) {
      throw outputError(this.place, cause);
    }
    const probe = await AtomicFile.create(this.place, this.pathOf(`.gpuparser.${process.pid}.probe`));
    await probe.abandon();
  }

  create(name: string, attempt: number, block?: Uint8Array): Promise<Pending> {
    return AtomicFile.create(this.pathOf(name), this.pathOf(temporaryName(name, attempt)), block);
  }

  open(name: string): Promise<OpenFile> {
    return FileSource.open(this.pathOf(name));
  }

  async list(): Promise<readonly string[]> {
    try {
      return await readdir(this.place);
    } catch (cause) {
      throw outputError(this.place, cause);
    }
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const path of names.map((name) => this.pathOf(name))) {
      await rm(path, { force: true }).catch((cause) => {
        throw outputError(path, cause);
      });
    }
  }

  async read(name: string): Promise<string | undefined> {
    try {
      return await readFile(this.pathOf(name), 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new GpuParserError('OUTPUT', `Cannot read ${this.pathOf(name)}: ${(cause as Error).message}.`, { cause });
    }
  }

  async put(name: string, text: string): Promise<void> {
    await writeFile(this.pathOf(name), text, { mode: 0o644 }).catch((cause) => {
      throw outputError(this.pathOf(name), cause);
    });
  }

  async change(name: string, make: (text: string | undefined) => string | undefined): Promise<void> {
    const path = this.pathOf(name);
    await whileLocked(path, async () => {
      const text = make(await this.read(name));
      if (text !== undefined) await writeAtomically(path, text);
    });
  }

  async versionOf(name: string): Promise<string | undefined> {
    const path = this.pathOf(name);
    try {
      const found = await stat(path, { bigint: true });
      if (found.isDirectory()) throw outputError(path, Object.assign(new Error('a folder'), { code: 'EISDIR' }));
      return String(found.ino);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  lock(stem: string): Promise<Release> {
    return lockTable(this.place, stem);
  }
}

/** The folder as every worker finds it. */
function absolute(folder: string): string {
  try {
    return resolve(folder);
  } catch (cause) {
    throw new GpuParserError('OUTPUT', `Cannot write ${folder}: the current folder has been removed.`, {
      hint: 'Change into another folder, or give --output as an absolute path.',
      cause,
    });
  }
}

/** Node's own way never ends below a folder that is there and takes no other, as automounters' and /proc are. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || existsSync(dirname(path))) return unlessThere(error as NodeJS.ErrnoException);
    await makeFolder(dirname(path));
    await mkdir(path).catch(unlessThere);
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

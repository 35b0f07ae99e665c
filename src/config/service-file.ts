import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { GpuParserError } from '../errors.js';
import { type Parameters, requireKeyword } from './keywords.js';

/** Where a service may be defined. */
export interface ServicePlaces {
  /** PGSERVICEFILE, when set; it must exist. */
  readonly file: string | undefined;
  readonly home: string;
  /** Folders of the system-wide pg_service.conf. */
  readonly systemFolders: readonly string[];
}

/**
 * A service's parameters, from the user's file or else a system-wide one.
 * @throws GpuParserError USAGE when no file defines it or its definition cannot be read.
 */
export async function readService(name: string, places: ServicePlaces): Promise<Parameters> {
  const own = places.file ?? path.join(places.home, '.pg_service.conf');
  for (const file of [own, ...places.systemFolders.map((folder) => path.join(folder, 'pg_service.conf'))]) {
    const text = await readText(file, file === places.file);
    const service = text === undefined ? undefined : parseService(text, name, file);
    if (service !== undefined) return service;
  }
  throw new GpuParserError('USAGE', `The service "${name}" is not defined.`, {
    hint: `Define it in ${own} as [${name}] with lines such as host=db.example.com.`,
  });
}

async function readText(file: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (!mustExist) return undefined;
    throw new GpuParserError('USAGE', `The service file ${file} cannot be read.`, { hint: 'Check PGSERVICEFILE.', cause });
  }
}

/** parseServiceFile() in fe-connect.c: the section's lines `keyword=value`, the first of a keyword counts. Undefined: no such section. */
function parseService(text: string, name: string, file: string): Parameters | undefined {
  let parameters: Parameters | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      if (parameters) return parameters;
      if (line === `[${name}]`) parameters = new Map();
      continue;
    }
    if (!parameters) continue;
    const place = `Line ${index + 1} of the service file ${file}`;
    const equals = line.indexOf('=');
    if (equals < 0) throw new GpuParserError('USAGE', `${place} is not of the form keyword=value.`);
    const keyword = line.slice(0, equals).trim();
    if (keyword === 'service' || keyword === 'servicefile')
      throw new GpuParserError('USAGE', `${place} names another service, which libpq does not allow.`);
    requireKeyword(keyword, place);
    if (!parameters.has(keyword)) parameters.set(keyword, line.slice(equals + 1).trim());
  }
  return parameters;
}

export const MANIFEST_FILE = '_manifest.json';

/** The name a chunk's file has until it is complete; no *.parquet pattern matches it. */
export function temporaryName(file: string, attempt: number): string {
  return `.${file}.${attempt}.tmp`;
}

export function isChunkOf(file: string, stem: string): boolean {
  return file.startsWith(`${stem}_chunk_`) && /^\d+\.parquet$/.test(file.slice(stem.length + 7));
}

/** What a run that goes on, or was killed, has of a chunk of the table. */
export function isTemporaryOf(file: string, stem: string): boolean {
  return file.startsWith('.') && /\.\d+\.tmp$/.test(file) && isChunkOf(file.slice(1).replace(/\.\d+\.tmp$/, ''), stem);
}

/** A CRC-32 as the manifest has it. */
export const crcText = (crc: number): string => crc.toString(16).padStart(8, '0');

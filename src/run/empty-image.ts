import type { Image } from '../engine/batch.js';
import type { Schema } from '../engine/schema.js';
import { readFooter } from '../parquet/footer.js';
import { MemorySource } from '../parquet/source.js';
import type { ThriftStruct } from '../parquet/thrift/types.js';

/** The image of a batch without rows: it carries the schema. */
export async function emptyImage(schema: Schema): Promise<Image> {
  const batch = schema.openBatch();
  try {
    return await batch.finish();
  } finally {
    batch.close();
  }
}

/** The SchemaElements of a schema as the CPU engine writes them: empty images are its work on every device. */
export async function imageSchema(schema: Schema): Promise<readonly ThriftStruct[]> {
  const image = await emptyImage(schema);
  try {
    return structuredClone((await readFooter(new MemorySource(image.bytes, 'an empty image'))).schema);
  } finally {
    image.free();
  }
}

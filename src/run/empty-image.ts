import type { Image } from '../engine/batch.js';
import { Engine } from '../engine/engine.js';
import type { Schema } from '../engine/schema.js';
import { readFooter } from '../parquet/footer.js';
import { MemorySource } from '../parquet/source.js';
import type { ThriftStruct } from '../parquet/thrift/types.js';
import type { ColumnPlan, WriterPlan } from '../plan/plan.js';

/** The image of a batch without rows: it carries the schema. */
export async function emptyImage(schema: Schema): Promise<Image> {
  const batch = schema.openBatch();
  try {
    return await batch.finish();
  } finally {
    batch.close();
  }
}

/** The SchemaElements as the CPU engine writes them, for files whose row groups another engine makes. */
export async function schemaOf(columns: readonly ColumnPlan[], writer: WriterPlan): Promise<readonly ThriftStruct[]> {
  const engine = new Engine('cpu', 1);
  const schema = engine.openSchema(columns, writer);
  try {
    const image = await emptyImage(schema);
    const elements = structuredClone((await readFooter(new MemorySource(image.bytes, 'an empty image'))).schema);
    image.free();
    return elements;
  } finally {
    schema.close();
    await engine.close();
  }
}

import type { Image } from '../engine/batch.js';
import type { Schema } from '../engine/schema.js';

/** The image of a batch without rows: it carries the schema. */
export async function emptyImage(schema: Schema): Promise<Image> {
  const batch = schema.openBatch();
  try {
    return await batch.finish();
  } finally {
    batch.close();
  }
}

import type { BaseType } from '../postgres/catalog-types.js';

/** Whether a type is PostgreSQL's own scalar of one of these names. */
export function isBuiltIn(type: BaseType, ...names: readonly string[]): boolean {
  return type.schema === 'pg_catalog' && type.typtype === 'b' && !type.isArray && names.includes(type.name);
}

/** Types whose values are characters, one after the other. */
export function isTextual(type: BaseType): boolean {
  if (type.isArray) return false;
  if (type.typtype === 'e') return true;
  if (type.extension === 'citext' && type.name === 'citext') return true;
  return isBuiltIn(type, 'text', 'varchar', 'bpchar', 'name', 'char', 'json', 'jsonb', 'xml');
}

/** PostGIS's types whose wire form is EWKB. */
export function isSpatial(type: BaseType): boolean {
  return type.extension === 'postgis' && !type.isArray && (type.name === 'geometry' || type.name === 'geography');
}

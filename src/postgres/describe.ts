import type pg from 'pg';
import type { StatementDescription } from './session.js';

interface WireField {
  readonly name: string;
  readonly dataTypeID: number;
  readonly dataTypeModifier: number;
  readonly tableID: number;
  readonly columnID: number;
}

/** The calls of pg's Connection used here; its types do not list them. */
interface Wire extends NodeJS.EventEmitter {
  parse(statement: { text: string; name: string; types: number[] }): void;
  describe(target: { type: 'S'; name: string }): void;
  sync(): void;
}

/**
 * Has the server parse and describe exactly one statement, without running it: the extended protocol takes no second one.
 * Rejects with pg's DatabaseError.
 */
export function describeStatement(client: pg.Client, sql: string): Promise<StatementDescription> {
  return new Promise((resolve, reject) => {
    let columns: StatementDescription['columns'] = [];
    let parameters = 0;
    const onParameters = (message: { dataTypeIDs: number[] }) => {
      parameters = message.dataTypeIDs.length;
    };
    let wire: Wire | undefined;
    const statement = {
      submit(connection: Wire) {
        wire = connection;
        connection.once('parameterDescription', onParameters);
        connection.parse({ text: sql, name: '', types: [] });
        connection.describe({ type: 'S', name: '' });
        connection.sync();
      },
      handleRowDescription({ fields }: { fields: WireField[] }) {
        columns = fields.map((field) => ({
          name: field.name,
          typeOid: field.dataTypeID,
          typeModifier: field.dataTypeModifier,
          relation: field.tableID,
          attribute: field.columnID,
        }));
      },
      // pg forgets the statement at its error; ReadyForQuery follows, but not to here.
      handleError(error: Error) {
        wire?.removeListener('parameterDescription', onParameters);
        reject(error);
      },
      handleReadyForQuery() {
        wire?.removeListener('parameterDescription', onParameters);
        resolve({ columns, parameters });
      },
    };
    client.query(statement as unknown as pg.Submittable);
  });
}

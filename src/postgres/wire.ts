/** Type bytes of the server's messages. https://www.postgresql.org/docs/current/protocol-message-formats.html */
export const messageType = {
  commandComplete: 0x43, // C
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyOutResponse: 0x48, // H
  errorResponse: 0x45, // E
  noticeResponse: 0x4e, // N
  notificationResponse: 0x41, // A
  parameterStatus: 0x53, // S
  readyForQuery: 0x5a, // Z
} as const;

/** A simple-protocol Query message. The text must not hold a NUL: the server would end the statement there. */
export function queryMessage(sql: string): Buffer {
  const length = Buffer.byteLength(sql);
  const message = Buffer.allocUnsafe(length + 6);
  message[0] = 0x51;
  message.writeInt32BE(length + 5, 1);
  message.write(sql, 5);
  message[length + 5] = 0;
  return message;
}

export function sslRequest(): Buffer {
  return request(80877103);
}

export function cancelRequest(pid: number, secretKey: number): Buffer {
  return request(80877102, pid, secretKey);
}

/** Messages of the start-up phase have no type byte. */
function request(...words: readonly number[]): Buffer {
  const message = Buffer.allocUnsafe(4 + 4 * words.length);
  [message.length, ...words].forEach((word, index) => void message.writeInt32BE(word | 0, 4 * index));
  return message;
}

/** What ErrorResponse and NoticeResponse say. */
export interface ServerReport {
  readonly severity: string;
  readonly sqlState: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly where?: string;
}

/** Body of an ErrorResponse or NoticeResponse: a field's code byte and its NUL-ended text, again and again. */
export function parseReport(body: Uint8Array): ServerReport {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const fields = new Map(
    text
      .split('\0')
      .filter((field) => field !== '')
      .map((field): [string, string] => [field.slice(0, 1), field.slice(1)]),
  );
  return {
    severity: fields.get('V') ?? fields.get('S') ?? 'ERROR',
    sqlState: fields.get('C') ?? 'XX000',
    message: fields.get('M') ?? 'The server reported an error without a message.',
    detail: fields.get('D'),
    hint: fields.get('H'),
    where: fields.get('W'),
  };
}

/** Rows of a command tag such as `COPY 42`. */
export function taggedRows(body: Uint8Array): number {
  return Number(/(\d+)\0?$/.exec(Buffer.from(body).toString('latin1'))?.[1] ?? 0);
}

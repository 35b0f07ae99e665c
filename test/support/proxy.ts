import http from 'node:http';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly sent: Buffer;
  readonly status: number;
  readonly answered: Buffer;
}

export interface HttpProxy {
  readonly address: string;
  /** All that has passed. */
  readonly exchanges: Exchange[];
  close(): void;
}

/**
 * Stands between a client and a server's plain HTTP, and takes down what passes.
 * @param meddle says what becomes of a request: 'lose' lets it through and drops the answer, a number is the status it is refused with.
 */
export async function startProxy(
  target: string,
  meddle: (method: string, path: string) => 'lose' | number | undefined,
): Promise<HttpProxy> {
  const exchanges: Exchange[] = [];
  const server = http.createServer(async (request, response) => {
    const { method = '', url = '' } = request;
    const sent = await bytesOf(request);
    const what = meddle(method, url);
    const { status, headers, answered } =
      typeof what === 'number'
        ? { status: what, headers: {}, answered: Buffer.from('refused') }
        : await forward(target + url, request, sent);
    exchanges.push({ method, path: url, sent, status, answered });
    if (what === 'lose') request.socket.destroy();
    else response.writeHead(status, headers).end(answered);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { address: `http://127.0.0.1:${port}`, exchanges, close: () => server.close() };
}

function forward(url: string, { method, headers }: http.IncomingMessage, sent: Buffer) {
  return new Promise<{ status: number; headers: http.IncomingHttpHeaders; answered: Buffer }>((resolve) => {
    const failed = () => resolve({ status: 502, headers: {}, answered: Buffer.from('no answer') });
    const onward = http.request(url, { method: method as string, headers }, (answer) => {
      const { 'transfer-encoding': _, ...kept } = answer.headers;
      bytesOf(answer).then((answered) => resolve({ status: answer.statusCode as number, headers: kept, answered }), failed);
    });
    onward.on('error', failed).end(sent);
  });
}

async function bytesOf(message: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What of an OAuth answer nobody may ever see. */
const SECRET_KEYS = ['access_token', 'refresh_token', 'device_code', 'user_code'] as const;

/** Passes every request on and remembers the secrets in the answers. */
export interface ListeningServer {
  readonly url: string;
  readonly secrets: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Stands in front of an OAuth root on 127.0.0.1. Whoever starts it closes it. */
export async function listenInFrontOf(target: () => string): Promise<ListeningServer> {
  const secrets = new Set<string>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = 'GET', url = '', headers } = request;
      const body = method === 'GET' ? undefined : Buffer.concat(chunks);
      const passed = Object.entries(headers).filter(
        (pair): pair is [string, string] =>
          typeof pair[1] === 'string' &&
          !/^(?:host|connection|content-length|transfer-encoding)$/.test(pair[0]),
      );
      fetch(`${target()}${url}`, { method, headers: passed, ...(body ? { body } : {}) })
        .then(async answer => {
          const text = await answer.text();
          for (const key of SECRET_KEYS) {
            const found = new RegExp(`"${key}":\\s*"([^"]+)"`).exec(text)?.[1];
            if (found !== undefined) secrets.add(found);
          }
          response.writeHead(answer.status, {
            'content-type': answer.headers.get('content-type') ?? 'application/json',
          });
          response.end(text);
        })
        .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, secrets, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise(resolve => server.close(() => resolve()));
}

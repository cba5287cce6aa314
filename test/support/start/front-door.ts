import http from 'node:http';
import net from 'node:net';

export interface FrontDoorOptions {
  /** The port of VS Code's server, on this machine. */
  serverPort: number;
  /** Absent: any that is free. */
  port?: number | undefined;
  /** 32 bytes with which VS Code encrypts secrets in the browser. */
  secretKey: Buffer;
  /** Where the bare address leads. */
  home: string;
}

/** A door in front of VS Code's server. */
export interface FrontDoor {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Opens a door on 127.0.0.1 that passes everything on to VS Code's server, and answers the one question that the
 * server leaves open (`POST /mint-key`), so that who signs in stays signed in over a reload.
 */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const target = { host: '127.0.0.1', port: options.serverPort };
  const server = http.createServer((request, response) => {
    if (request.url === '/mint-key' && request.method === 'POST') {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(options.secretKey);
      return;
    }
    if (request.url === '/') {
      response.writeHead(302, { location: options.home }).end();
      return;
    }
    const { method, url: path, headers } = request;
    const onward = http.request({ ...target, method, path, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });

  const sockets = new Set<net.Socket>();
  server.on('upgrade', (request: http.IncomingMessage, socket: net.Socket, head: Buffer) => {
    const onward = net.connect(target, () => {
      const lines = [`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/1.1`];
      for (let index = 0; index < request.rawHeaders.length; index += 2) {
        lines.push(`${request.rawHeaders[index] ?? ''}: ${request.rawHeaders[index + 1] ?? ''}`);
      }
      onward.write(`${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const [end, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(end);
      end.setNoDelay(true);
      end.on('error', () => other.destroy());
      end.on('close', () => {
        sockets.delete(end);
        other.destroy();
      });
    }
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as net.AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
}

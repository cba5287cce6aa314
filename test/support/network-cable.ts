import net from 'node:net';

/** A way to a server on this machine that can be pulled out and put back, as a network can. */
export class NetworkCable {
  private readonly sockets = new Set<net.Socket>();
  private server: net.Server | null = null;

  private constructor(
    private readonly serverPort: number,
    private ownPort: number,
  ) {}

  /** Lays a cable to the server on `serverPort`, plugged in. */
  static async lay(serverPort: number): Promise<NetworkCable> {
    const cable = new NetworkCable(serverPort, 0);
    await cable.plugIn();
    return cable;
  }

  /** The same address, through the cable. */
  through(address: string): string {
    const url = new URL(address);
    url.port = String(this.ownPort);
    return url.href;
  }

  /** Whoever connects from now on reaches the server; the port is the same as before. */
  async plugIn(): Promise<void> {
    if (this.server) return;
    const server = net.createServer(near => this.join(near));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.ownPort, '127.0.0.1', resolve);
    });
    this.ownPort = (server.address() as net.AddressInfo).port;
  }

  /** Breaks every connection; nobody listens until it is plugged in again. */
  async pullOut(): Promise<void> {
    const { server } = this;
    this.server = null;
    const closed = new Promise<void>(resolve => (server ? server.close(() => resolve()) : resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(near: net.Socket): void {
    const far = net.connect(this.serverPort, '127.0.0.1');
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      // What breaks one side ends the other; an error says no more than that.
      socket.on('error', end);
      socket.on('close', () => {
        this.sockets.delete(socket);
        end();
      });
    }
    near.pipe(far);
    far.pipe(near);
  }
}

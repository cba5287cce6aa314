// Peer (a): `ws` and `JSON.parse` alone, counting.
import WebSocket from 'ws';
import { noteFinish, type Finish } from '../finish';
import { serve } from '../program';
import type { IngestCalls } from './ingest-ours';

let socket: WebSocket | null = null;
let counted = 0;
let finished: Promise<Finish> | null = null;

interface Envelope {
  metadata: { message_type: string };
}

const calls: IngestCalls = {
  begin: async ({ port, count }) => {
    const opened = new WebSocket(`ws://127.0.0.1:${port}/ws`, { perMessageDeflate: false });
    socket = opened;
    let welcomed: () => void = () => undefined;
    const welcome = new Promise<void>(resolve => (welcomed = resolve));
    finished = new Promise(resolve => {
      opened.on('message', (data: Buffer) => {
        const { metadata } = JSON.parse(data.toString()) as Envelope;
        if (metadata.message_type === 'session_welcome') welcomed();
        if (metadata.message_type === 'notification' && ++counted === count) resolve(noteFinish());
      });
    });
    await welcome;
  },
  finish: () => finished ?? Promise.reject(new Error('It has not begun.')),
  cpu: () => noteFinish().cpuUs,
  verify: () => {
    socket?.terminate();
    return Promise.resolve(counted);
  },
};

serve(calls);

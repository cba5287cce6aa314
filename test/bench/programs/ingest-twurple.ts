// Peer (b): `@twurple/eventsub-ws`, dispatching to a counter; nothing is stored. Its documented variable
// TWURPLE_MOCK_API_PORT, set by whoever starts this, points it to the frame server.
import { ApiClient } from '@twurple/api';
import { StaticAuthProvider } from '@twurple/auth';
import { EventSubWsListener } from '@twurple/eventsub-ws';
import { noteFinish, type Finish } from '../finish';
import { CHANNEL_ID } from '../follows';
import { serve } from '../program';
import type { IngestCalls } from './ingest-ours';

let listener: EventSubWsListener | null = null;
let counted = 0;
let finished: Promise<Finish> | null = null;

const calls: IngestCalls = {
  begin: async ({ count }) => {
    const authProvider = new StaticAuthProvider('bench', 'bench', ['moderator:read:followers']);
    const started = new EventSubWsListener({ apiClient: new ApiClient({ authProvider }) });
    listener = started;
    const subscribed = new Promise<void>((resolve, reject) => {
      started.onSubscriptionCreateSuccess(() => resolve());
      started.onSubscriptionCreateFailure((_subscription, error) => reject(error));
    });
    finished = new Promise(resolve => {
      started.onChannelFollow(CHANNEL_ID, CHANNEL_ID, event => {
        if (event.userId !== '' && ++counted === count) resolve(noteFinish());
      });
    });
    started.start();
    await subscribed;
  },
  finish: () => finished ?? Promise.reject(new Error('It has not begun.')),
  cpu: () => noteFinish().cpuUs,
  verify: () => {
    listener?.stop();
    return Promise.resolve(counted);
  },
};

serve(calls);

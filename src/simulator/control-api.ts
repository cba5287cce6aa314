import { assertNever } from '../shared/assert-never';
import { ServiceError, type SimulateRequest } from '../shared/service';
import type { ChannelChange } from './channel-state';
import type { Fault } from './faults';
import { refuse, type Answer, type Endpoint } from './http-front';
import type { GiftOptions } from './scenes';
import type { Simulator } from './simulator-contract';

/** What a test in another process can ask for by `POST` of JSON to `controlUrl`; the answer is JSON as well. */
export type ControlRequest =
  | { do: 'inject'; fault: Fault }
  | { do: 'clear' }
  | { do: 'send'; request: SimulateRequest }
  | { do: 'giftBomb'; recipients: number; options?: GiftOptions }
  | { do: 'followBots'; count: number; perSecond?: number }
  | { do: 'oneOfEach' }
  | { do: 'startDrizzle'; everyMs?: number }
  | { do: 'stopDrizzle' }
  | { do: 'makeOffline'; changes: ChannelChange[] }
  | { do: 'decideDevice'; userCode: string; decision: 'approve' | 'deny'; userId?: string }
  | { do: 'issueToken'; scopes?: string[]; userId?: string }
  /** Answers followers, moderators, VIPs, subscribers. */
  | { do: 'state' }
  | { do: 'sessions' }
  | { do: 'requestCounts' };

/** The control's endpoint; only tests turn it on. */
export function createControl(simulator: Simulator): Endpoint {
  return {
    method: 'POST',
    path: '/control',
    route: null,
    errors: 'helix',
    handle: async (request): Promise<Answer> => {
      try {
        // Only our own tests post here, and they are compiled against the type.
        const result = await obey(simulator, JSON.parse(request.body) as ControlRequest);
        return { kind: 'json', status: 200, body: result ?? {} };
      } catch (error: unknown) {
        if (error instanceof ServiceError || error instanceof SyntaxError) return refuse(400, error.message);
        return refuse(400, String(error));
      }
    },
  };
}

async function obey(simulator: Simulator, request: ControlRequest): Promise<unknown> {
  switch (request.do) {
    case 'inject': {
      simulator.faults.inject(request.fault);
      return;
    }
    case 'clear': {
      simulator.faults.clear();
      return;
    }
    case 'send':
      return { sent: await simulator.send(request.request) };
    case 'giftBomb':
      return simulator.scenes.giftBomb(request.recipients, request.options);
    case 'followBots': {
      const { count, perSecond } = request;
      return simulator.scenes.followBots(count, perSecond === undefined ? {} : { perSecond });
    }
    case 'oneOfEach':
      return simulator.scenes.oneOfEach();
    case 'startDrizzle': {
      simulator.scenes.startDrizzle(request.everyMs === undefined ? undefined : { everyMs: request.everyMs });
      return;
    }
    case 'stopDrizzle': {
      simulator.scenes.stopDrizzle();
      return;
    }
    case 'makeOffline': {
      simulator.makeOffline(...request.changes);
      return;
    }
    case 'decideDevice':
      return { isDecided: simulator.decideDevice(request.userCode, request.decision, request.userId) };
    case 'issueToken':
      return simulator.issueToken(request.scopes, request.userId);
    case 'state':
      return simulator.state();
    case 'sessions':
      return simulator.sessions();
    case 'requestCounts':
      return simulator.requestCounts();
    default:
      return assertNever(request);
  }
}

/** What is done after a socket has closed. */
export type CloseAction =
  /** To the base URL at once, unless that has just failed; then after a backoff. */
  | 'reconnectNow'
  | 'backoff'
  /** A bug of ours: said loudly, then a backoff. */
  | 'reportAndBackoff'
  /** Stops if every subscription was refused for good; else a backoff, never at once. */
  | 'fixFirst';

/** One line of the table of close codes. */
export interface CloseCode {
  readonly code: number;
  readonly name: string;
  readonly meaning: string;
  readonly action: CloseAction;
}

/**
 * Twitch's own close codes (Twitch, "Close message") and 1006, which means that no close frame came. A 4004 on
 * an old socket whose successor is up never gets here: that socket's generation is already dead.
 */
export const CLOSE_CODES: readonly CloseCode[] = [
  { code: 1006, name: 'Abnormal closure', meaning: 'the connection broke off', action: 'backoff' },
  { code: 4000, name: 'Internal server error', meaning: 'the server failed', action: 'backoff' },
  {
    code: 4001,
    name: 'Client sent inbound traffic',
    meaning: 'we sent what may not be sent',
    action: 'reportAndBackoff',
  },
  {
    code: 4002,
    name: 'Client failed ping-pong',
    meaning: 'we did not answer in time, as when the machine slept',
    action: 'reconnectNow',
  },
  { code: 4003, name: 'Connection unused', meaning: 'nothing was subscribed in time', action: 'fixFirst' },
  {
    code: 4004,
    name: 'Reconnect grace time expired',
    meaning: 'the move to another session took too long',
    action: 'reconnectNow',
  },
  { code: 4005, name: 'Network timeout', meaning: 'the server lost us', action: 'backoff' },
  { code: 4006, name: 'Network error', meaning: 'the network failed', action: 'backoff' },
  {
    code: 4007,
    name: 'Invalid reconnect',
    meaning: 'the address to move to was not accepted',
    action: 'reconnectNow',
  },
];

const BY_CODE = new Map(CLOSE_CODES.map(entry => [entry.code, entry]));

/** The table's line for a close code; codes that it does not have are answered with a backoff. */
export function describeCloseCode(code: number): CloseCode {
  return (
    BY_CODE.get(code) ?? { code, name: 'Closed', meaning: 'the server closed the session', action: 'backoff' }
  );
}

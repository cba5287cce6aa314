/** Twitch's status words for a subscription (TWITCH.md 1.5). */
export const SUBSCRIPTION_STATUSES = [
  'enabled',
  'webhook_callback_verification_pending',
  'webhook_callback_verification_failed',
  'notification_failures_exceeded',
  'authorization_revoked',
  'moderator_removed',
  'user_removed',
  'chat_user_banned',
  'version_removed',
  'beta_maintenance',
  'websocket_disconnected',
  'websocket_failed_ping_pong',
  'websocket_received_inbound_traffic',
  'websocket_connection_unused',
  'websocket_internal_error',
  'websocket_network_timeout',
  'websocket_network_error',
  'websocket_failed_to_reconnect',
] as const;

/** One subscription, enabled or not. Instants are as Twitch writes them. */
export interface SubscriptionRecord {
  readonly id: string;
  /** Grows with each subscription: the list's order and its cursor. */
  readonly sequence: number;
  readonly clientId: string;
  readonly userId: string;
  readonly type: string;
  readonly version: string;
  readonly condition: Readonly<Record<string, string>>;
  readonly cost: number;
  readonly createdAt: string;
  status: string;
  sessionId: string;
  connectedAt: string;
  disconnectedAt: string | null;
}

/** How many ended subscriptions are still listed. */
const MAX_ENDED = 500;

/** Every subscription, oldest first; ended ones stay listed with the status that ended them. */
export class SubscriptionStore {
  readonly #records = new Map<string, SubscriptionRecord>();
  readonly #enabledByType = new Map<string, Set<SubscriptionRecord>>();
  #sequence = 0;

  nextSequence(): number {
    return ++this.#sequence;
  }

  add(record: SubscriptionRecord): void {
    this.#records.set(record.id, record);
    const ofType = this.#enabledByType.get(record.type) ?? new Set();
    ofType.add(record);
    this.#enabledByType.set(record.type, ofType);
    const ended = [...this.#records.values()].filter(other => other.status !== 'enabled');
    for (const old of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) this.#records.delete(old.id);
  }

  get(id: string): SubscriptionRecord | null {
    return this.#records.get(id) ?? null;
  }

  remove(record: SubscriptionRecord): void {
    this.#records.delete(record.id);
    this.#enabledByType.get(record.type)?.delete(record);
  }

  /** Ends a subscription; it stays listed. */
  end(record: SubscriptionRecord, status: string, disconnectedAt: string | null): void {
    record.status = status;
    record.disconnectedAt = disconnectedAt;
    this.#enabledByType.get(record.type)?.delete(record);
  }

  enabledOfType(type: string): Iterable<SubscriptionRecord> {
    return this.#enabledByType.get(type) ?? [];
  }

  enabled(): SubscriptionRecord[] {
    return [...this.#records.values()].filter(record => record.status === 'enabled');
  }

  ofSession(sessionId: string): SubscriptionRecord[] {
    return [...this.#records.values()].filter(record => record.sessionId === sessionId);
  }

  /** All that one person created by one app. */
  ownedBy(clientId: string, userId: string): SubscriptionRecord[] {
    return [...this.#records.values()].filter(
      record => record.clientId === clientId && record.userId === userId,
    );
  }
}

/** Things that happen on a busy channel; each resolves when the last event was sent. */
export interface Scenes {
  startDrizzle(pace?: { everyMs: number }): void;
  stopDrizzle(): void;
  /** One gift event and `recipients` subscriptions; the order is not promised by Twitch. */
  giftBomb(recipients: number, options?: GiftOptions): Promise<void>;
  /** `count` follows from accounts made up by a machine, as fast as the socket takes them unless paced. */
  followBots(count: number, options?: { perSecond?: number }): Promise<void>;
  /** One event of each type, in the catalogue's order. */
  oneOfEach(): Promise<void>;
}

export interface GiftOptions {
  order?: 'giftFirst' | 'subscriptionsFirst' | 'mixed';
  /** A display name; absent: someone is picked. */
  gifter?: string;
  isAnonymous?: boolean;
  tier?: '1000' | '2000' | '3000';
}

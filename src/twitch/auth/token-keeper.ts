import type { Credentials, CredentialStore, TokenSet } from '../../shared/service';

/**
 * Holds the newest known set of tokens. Changes happen one after another, and each is stored, here and in every
 * other window, before anybody sees it.
 */
export class TokenKeeper {
  #current: Credentials | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly issuer: string,
    private readonly store: CredentialStore,
  ) {}

  get current(): Credentials | null {
    return this.#current;
  }

  get tokens(): TokenSet | null {
    return this.#current?.tokens ?? null;
  }

  /** Runs `work` when every earlier change is done, so that nothing else changes the tokens meanwhile. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when no change is under way. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  /** Reads the store and takes over what is newer. Answers whether it was. Only within `exclusively`. */
  async reload(): Promise<boolean> {
    const stored = await this.store.load(this.issuer);
    if (stored?.issuer !== this.issuer || stored.generation <= this.#generation) return false;
    this.#current = stored;
    return true;
  }

  /** Stores a newer set that another window told of. Answers whether it was newer. Only within `exclusively`. */
  async adopt(credentials: Credentials): Promise<boolean> {
    if (credentials.issuer !== this.issuer || credentials.generation <= this.#generation) return false;
    await this.store.store(credentials);
    this.#current = credentials;
    return true;
  }

  /** Stores a changed set as the next generation. Rejects if it cannot be kept. Only within `exclusively`. */
  async replace(tokens: TokenSet | null): Promise<void> {
    const next: Credentials = { issuer: this.issuer, generation: this.#generation + 1, tokens };
    await this.store.store(next);
    this.#current = next;
  }

  /** Uses a changed set although it could not be stored: a last resort. Only within `exclusively`. */
  replaceUnsaved(tokens: TokenSet | null): void {
    this.#current = { issuer: this.issuer, generation: this.#generation + 1, tokens };
  }

  get #generation(): number {
    return this.#current?.generation ?? 0;
  }
}

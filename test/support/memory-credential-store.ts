import type { Credentials, CredentialStore } from '../../src/shared/service';

/** SecretStorage as one window sees it: what is stored stays when accounts come and go. */
export class MemoryCredentialStore implements CredentialStore {
  readonly saved = new Map<string, string>();
  readonly history: Credentials[] = [];
  /** Called before something is kept; it may reject, or never resolve, like a crash. */
  beforeStore: ((credentials: Credentials) => Promise<void>) | null = null;

  load(issuer: string): Promise<Credentials | null> {
    const text = this.saved.get(issuer);
    return Promise.resolve(text === undefined ? null : (JSON.parse(text) as Credentials));
  }

  async store(credentials: Credentials): Promise<void> {
    await this.beforeStore?.(credentials);
    this.saved.set(credentials.issuer, JSON.stringify(credentials));
    this.history.push(credentials);
  }
}

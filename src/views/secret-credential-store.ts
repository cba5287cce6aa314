import type * as vscode from 'vscode';
import type { Credentials, CredentialStore, Logger } from '../shared/service';
import { parseCredentials, secretKeyOf } from './credential-format';

/**
 * Keeps credentials in VS Code's SecretStorage, one entry an issuer. Other open windows do not see what is stored
 * here, so the service carries tokens between windows itself.
 */
export class SecretCredentialStore implements CredentialStore {
  constructor(
    private readonly secrets: vscode.SecretStorage,
    private readonly logger: Logger,
  ) {}

  async load(issuer: string): Promise<Credentials | null> {
    const text = await this.secrets.get(secretKeyOf(issuer));
    if (text === undefined) return null;
    const credentials = parseCredentials(text, issuer);
    if (!credentials) this.logger.warn('The stored sign-in could not be read; signing in again replaces it.');
    return credentials;
  }

  async store(credentials: Credentials): Promise<void> {
    await this.secrets.store(secretKeyOf(credentials.issuer), JSON.stringify(credentials));
  }
}

import type { AccountStatus, CredentialStore, Logger } from '../../shared/service';
import type { Clock } from '../clock';
import type { AccountPort, ServerEndpoints } from '../twitch-ports';

/** Something about the account that a person should be told, once per `id`. */
export interface AccountNotice {
  id: 'renewalUnclear' | 'renewalRefused' | 'notSaved';
  message: string;
}

/** What an account is made of. */
export interface AccountOptions {
  endpoints: ServerEndpoints;
  /** `store` resolves only when the set is kept here and, in the leading window, in every other window. */
  store: CredentialStore;
  logger: Logger;
  clock?: Clock;
  /** Called with the complete status after each change. */
  onChange: (status: AccountStatus) => void;
  /** Called when something went wrong that does not (yet) end the sign-in. */
  onNotice?: (notice: AccountNotice) => void;
}

/** The account of one server; see `AccountPort`. */
export interface Account extends AccountPort {
  getStatus(): AccountStatus;
  /** Asks the server now whether the token is valid and what it grants, e.g. after Helix missed a scope. */
  validateNow(): Promise<void>;
}

/** Makes the account of one server. It does nothing until `start`. */
export function createAccount(options: AccountOptions): Account {
  options.logger.debug('created');
  throw new Error('not there yet');
}

import { join } from 'node:path';
import type { Settings } from '../shared/settings';
import { TWITCH_ENDPOINTS, type ServerEndpoints } from '../twitch/twitch-ports';

/** The addresses of the server that the settings name; null for the simulator, which tells them, and for a custom one that cannot be used. */
export function endpointsOf(settings: Settings): ServerEndpoints | null {
  if (settings.server === 'twitch') return TWITCH_ENDPOINTS;
  const custom = settings.customServer;
  if (settings.server !== 'custom' || !custom) return null;
  return {
    // Tokens belong to who issued them; where nobody does, to the server that they are shown to.
    issuer: `custom:${custom.authUrl ?? custom.subscriptionsUrl}`,
    websocketUrl: custom.websocketUrl,
    subscriptionsUrl: custom.subscriptionsUrl,
    helixUrl: custom.helixUrl ?? null,
    authUrl: custom.authUrl ?? null,
  };
}

/** Changes exactly when another server is meant, so that everything of the old one has to end. */
export function serverKey(settings: Settings): string {
  return JSON.stringify([settings.server, settings.server === 'custom' ? settings.customServer : null]);
}

/** Each server has its own folder, so that simulated events never touch the real history. */
export function serverFolder(storageFolder: string, settings: Settings): string {
  return settings.server === 'twitch' ? storageFolder : join(storageFolder, settings.server);
}

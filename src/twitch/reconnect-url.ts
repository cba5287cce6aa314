import { isLoopbackHost } from '../shared/settings';

/** Whether a server-sent address may be connected to; the reason never holds the address itself. */
export type ReconnectUrlCheck = { ok: true; url: string } | { ok: false; reason: string };

/**
 * Checks a `reconnect_url` before anything is sent there: `wss:` to the configured server's own domain, or plain
 * `ws:` where both are this machine. Its path and parameters are Twitch's business and are kept as they are.
 */
export function checkReconnectUrl(raw: unknown, configuredUrl: string): ReconnectUrlCheck {
  if (typeof raw !== 'string' || raw === '') return { ok: false, reason: 'there is none' };
  const target = parse(raw);
  const configured = parse(configuredUrl);
  if (!target || !configured) return { ok: false, reason: 'it is not a URL' };
  if (target.username !== '' || target.password !== '') return { ok: false, reason: 'it holds credentials' };
  if (target.hash !== '') return { ok: false, reason: 'it holds a fragment' };
  if (target.protocol !== 'wss:' && target.protocol !== 'ws:') {
    return { ok: false, reason: 'its scheme is neither wss nor ws' };
  }
  if (isLoopbackHost(target.hostname)) {
    return isLoopbackHost(configured.hostname)
      ? { ok: true, url: raw }
      : { ok: false, reason: 'it leads to this machine, and the server is elsewhere' };
  }
  if (target.protocol !== 'wss:') return { ok: false, reason: 'it is not encrypted' };
  if (!isSameDomain(target.hostname, configured.hostname)) {
    return { ok: false, reason: 'its host is not of the domain of the server' };
  }
  return { ok: true, url: raw };
}

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** Second-level labels under which a country's registry sells names, so that the domain is three labels long. */
const PUBLIC_SECOND_LEVELS = new Set(['co', 'com', 'net', 'org', 'gov', 'edu', 'ac']);

function isSameDomain(host: string, configuredHost: string): boolean {
  if (host === configuredHost) return true;
  const domain = domainOf(configuredHost);
  return domain !== null && host.endsWith(`.${domain}`);
}

/** The registrable domain as far as it can be told without the public suffix list; null for addresses. */
function domainOf(host: string): string | null {
  if (host.startsWith('[') || /^[\d.]+$/.test(host)) return null;
  const labels = host.replace(/\.$/, '').split('.');
  const [secondLevel, topLevel] = labels.slice(-2);
  if (secondLevel === undefined || topLevel === undefined || labels.length < 2) return null;
  const isCountrys = topLevel.length === 2 && PUBLIC_SECOND_LEVELS.has(secondLevel);
  const length = isCountrys ? 3 : 2;
  return labels.length >= length ? labels.slice(-length).join('.') : null;
}

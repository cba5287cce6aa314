import type { SweepKind } from '../shared/data-service';
import type { HelixClient } from './helix-client';

/** How many people Helix takes in one question about a list; the followers' list takes one. */
const BATCH_SIZE = 100;
/** The most questions that are asked one by one after a sweep. */
const MOST_SINGLE_QUESTIONS = 100;

interface Inquiry {
  helix: HelixClient;
  list: SweepKind;
  channelId: string;
  /**
   * Somebody whom the sweep has just seen, asked for as well: if not even that one is found, the answers are worth
   * nothing (a scope or the moderator right went missing). Null where the list was empty.
   */
  controlId: string | null;
  signal: AbortSignal;
}

/** Asks Helix by `user_id` which of the suspects are gone. Where the answers cannot be trusted, nobody is. */
export async function confirmGone(inquiry: Inquiry, suspects: readonly string[]): Promise<string[]> {
  if (suspects.length === 0) return [];
  if (inquiry.list !== 'followers') {
    const gone = await askInBatches(inquiry, suspects);
    if (gone) return gone;
  }
  return (await askSingly(inquiry, suspects.slice(0, MOST_SINGLE_QUESTIONS))) ?? [];
}

async function askInBatches(inquiry: Inquiry, suspects: readonly string[]): Promise<string[] | null> {
  const gone: string[] = [];
  const size = BATCH_SIZE - 1;
  for (let at = 0; at < suspects.length; at += size) {
    const asked = suspects.slice(at, at + size);
    // Last, so that a server that heeds only the first id is found out.
    const present = await ask(inquiry, inquiry.controlId === null ? asked : [...asked, inquiry.controlId]);
    if (!present) return null;
    gone.push(...asked.filter(id => !present.has(id)));
  }
  return gone;
}

async function askSingly(inquiry: Inquiry, suspects: readonly string[]): Promise<string[] | null> {
  const gone: string[] = [];
  for (const id of suspects) {
    const present = await ask({ ...inquiry, controlId: null }, [id]);
    if (!present) return null;
    if (!present.has(id)) gone.push(id);
  }
  const isTrusted = inquiry.controlId === null || (await ask(inquiry, [inquiry.controlId])) !== null;
  return isTrusted ? gone : null;
}

/** Who of those asked for is on the list; null if the answer names others, or not the control. */
async function ask(inquiry: Inquiry, userIds: readonly string[]): Promise<Set<string> | null> {
  const { helix, list, channelId, controlId, signal } = inquiry;
  const { rows } = await helix.readPage(list, { channelId, userIds, signal });
  const present = new Set(rows.map(row => row.userId));
  if (rows.some(row => !userIds.includes(row.userId))) return null;
  return controlId === null || present.has(controlId) ? present : null;
}

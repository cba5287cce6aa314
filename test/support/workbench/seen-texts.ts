import { waitFor } from '../poll';
import type { WorkbenchWindow } from './window';

/** Remembers, in every frame, each text and each attribute that was ever in the page. */
export const SEEN_TEXTS_SCRIPT = `(() => {
  const seen = (globalThis.seenTexts = new Set());
  const take = node => {
    if (node.nodeType === 3) seen.add(node.data);
    if (node.nodeType !== 1) return;
    for (const attribute of node.attributes) seen.add(attribute.value);
    node.childNodes.forEach(take);
  };
  new MutationObserver(records => {
    for (const { type, target, attributeName, addedNodes } of records) {
      if (type === 'characterData') seen.add(target.data);
      else if (type === 'attributes') seen.add(target.getAttribute(attributeName) ?? '');
      else addedNodes.forEach(take);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
})()`;

const READ_SEEN = `[...(globalThis.seenTexts ?? []), document.documentElement.outerHTML,
  ...[...document.querySelectorAll('input:not([type=password]), textarea')].map(field => field.value)]`;

/** Everything that was to be read in the frames that the window has now: the workbench and its webviews. */
export async function readSeenTexts(window: WorkbenchWindow): Promise<string[]> {
  const texts: string[] = [];
  for (const frame of window.page.frames()) {
    // A frame may be replaced while it is asked; the one in its place is asked again.
    const found = await waitFor('a frame to answer', async () => {
      if (frame.isDetached()) return [];
      return frame.evaluate<string[]>(READ_SEEN);
    });
    texts.push(...found);
  }
  return texts;
}

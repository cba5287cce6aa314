/** The codicons that the app uses; `icon.css` holds their glyphs. */
export type IconName =
  | 'heart-filled'
  | 'heart'
  | 'star-full'
  | 'star-empty'
  | 'gift'
  | 'shield'
  | 'verified-filled'
  | 'verified'
  | 'organization'
  | 'search'
  | 'close'
  | 'chevron-right'
  | 'chevron-down'
  | 'refresh'
  | 'warning'
  | 'error'
  | 'info'
  | 'pass'
  | 'circle-slash'
  | 'circle-outline'
  | 'circle-filled'
  | 'history'
  | 'copy'
  | 'check'
  | 'check-all'
  | 'key'
  | 'sync'
  | 'arrow-up'
  | 'beaker'
  | 'add'
  | 'eye-closed';

/** One of VS Code's own icons; silent to screen readers, so words must stand beside it. */
export function Icon({ name, tone }: { name: IconName; tone?: string }) {
  return <span class={`icon icon-${name}${tone ? ` tone-${tone}` : ''}`} aria-hidden="true" />;
}

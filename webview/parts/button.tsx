import type { ComponentChildren } from 'preact';

interface ButtonProps {
  /** `primary` is the one accent; `link` looks like a link; `icon` holds an icon alone and needs a `label`. */
  look: 'primary' | 'secondary' | 'link' | 'icon';
  onClick: () => void;
  /** Said instead of the content, and shown as the tooltip. */
  label?: string;
  children: ComponentChildren;
}

/** A button in one of the app's four looks. */
export function Button({ look, onClick, label, children }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button button-${look}`}
      onClick={onClick}
      {...(label ? { 'aria-label': label, title: label } : {})}
    >
      {children}
    </button>
  );
}

import type { Surface } from '../shared/webview-protocol';

export interface WebviewPage {
  surface: Surface;
  /** A language tag for `<html lang>`. */
  locale: string;
  /** As the page's own `script-src` and so on: `Webview.cspSource`. */
  cspSource: string;
  /** Fresh and random for each page. */
  nonce: string;
  scriptUri: string;
  styleUri: string;
  /** The page's title, for screen readers. */
  title: string;
}

/**
 * The page that the app starts in. Nothing runs or loads but what stands in `dist/webview`; no untrusted text is
 * ever part of it. Follows VS Code's "Webview API", content security policy.
 */
export function buildWebviewHtml(page: WebviewPage): string {
  const { surface, locale, cspSource, nonce, scriptUri, styleUri, title } = page;
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}' ${cspSource}`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(locale)}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${escapeHtml(styleUri)}">
</head>
<body data-surface="${surface}">
<script type="module" nonce="${nonce}" src="${escapeHtml(scriptUri)}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

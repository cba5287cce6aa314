import type { DeviceCode } from './device-codes';
import type { SimulatedUser } from './people';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem;
color:#18181b;background:#fff}code{font-size:1.5rem;letter-spacing:.15em}button,select{font:inherit;padding:.4rem 1rem}
@media(prefers-color-scheme:dark){body{color:#efeff1;background:#18181b}}`;

/** The page on which a person allows or refuses an app, as www.twitch.tv/activate does. */
export function renderActivation(code: DeviceCode, accounts: readonly SimulatedUser[]): string {
  const options = accounts
    .map(user => `<option value="${escape(user.id)}">${escape(user.displayName)}</option>`)
    .join('');
  const scopes = code.scopes.map(scope => `<li>${escape(scope)}</li>`).join('');
  return renderPage(`
<p><code>${escape(code.userCode)}</code></p>
<p>The app <b>${escape(code.clientId)}</b> asks for leave to read:</p><ul>${scopes}</ul>
<form method="post"><input type="hidden" name="user_code" value="${escape(code.userCode)}">
<p><label>Account <select name="user_id">${options}</select></label></p>
<button name="decision" value="approve">Authorize</button> <button name="decision" value="deny">Cancel</button></form>`);
}

/** A page with one sentence. */
export function renderNotice(text: string): string {
  return renderPage(`<p>${escape(text)}</p>`);
}

function renderPage(body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Simulated Twitch</title><style>${STYLE}</style><h1>Simulated Twitch</h1>${body}</html>`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

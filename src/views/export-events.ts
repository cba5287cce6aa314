import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { FEED_FAMILIES, type FeedFamily } from '../shared/catalogue';
import { buildExportFilter, formatDay, parseDay, suggestFileName, type ExportRange } from './export-model';
import { runJob } from './job-progress';
import type { WindowContext } from './window-context';

/** Asks for range, families, format and file, exports with progress, and offers to open the file. */
export async function exportEvents(context: WindowContext): Promise<void> {
  const range = await pickRange();
  if (range === null) return;
  const families = await pickFamilies(context);
  if (families === undefined) return;
  const format = await pickFormat();
  if (format === null) return;
  const target = await pickFile(format);
  if (!target) return;
  const { l10n, window } = vscode;
  const filter = buildExportFilter(range, families, new Date());
  const result = await runJob(context, l10n.t('Exporting events'), () =>
    context.service.exportEvents({ format, filter, path: target.fsPath }),
  );
  const open = l10n.t('Open file');
  const choice = await window.showInformationMessage(
    result.count === 1
      ? l10n.t('1 event was exported.')
      : l10n.t('{0} events were exported.', result.count.toLocaleString(context.locale)),
    open,
  );
  if (choice === open) await vscode.commands.executeCommand('vscode.open', target);
}

async function pickRange(): Promise<ExportRange | null> {
  const { l10n, window } = vscode;
  const items: { label: string; range: ExportRange | 'days' }[] = [
    { label: l10n.t('Everything'), range: 'all' },
    { label: l10n.t('Today'), range: 'today' },
    { label: l10n.t('The last 7 days'), range: '7days' },
    { label: l10n.t('The last 30 days'), range: '30days' },
    { label: l10n.t('The last year'), range: 'year' },
    { label: l10n.t('From one day to another…'), range: 'days' },
  ];
  const picked = await window.showQuickPick(items, { title: l10n.t('Export events: when?') });
  if (!picked) return null;
  if (picked.range !== 'days') return picked.range;
  const today = formatDay(new Date());
  const fromDay = await askDay(l10n.t('The first day'), today, null);
  if (fromDay === undefined) return null;
  const toDay = await askDay(l10n.t('The last day'), today, fromDay);
  return toDay === undefined ? null : { fromDay, toDay };
}

function askDay(title: string, value: string, notBefore: string | null): Thenable<string | undefined> {
  const { l10n } = vscode;
  return vscode.window.showInputBox({
    title,
    prompt: l10n.t('As year-month-day, for example {0}', value),
    value,
    validateInput: text => {
      if (!parseDay(text)) return l10n.t('There is no such day. Write it like {0}.', value);
      return notBefore !== null && text.trim() < notBefore ? l10n.t('That is before the first day.') : null;
    },
  });
}

/** Undefined: cancelled; null: all of them, also types outside the catalogue. */
async function pickFamilies({ strings }: WindowContext): Promise<FeedFamily[] | null | undefined> {
  const names = {
    follows: strings.filterFollows,
    subs: strings.filterSubs,
    gifts: strings.filterGifts,
    mods: strings.filterMods,
    vips: strings.filterVips,
  } satisfies Record<FeedFamily, string>;
  const picked = await vscode.window.showQuickPick(
    FEED_FAMILIES.map(family => ({ label: names[family], picked: true, family })),
    { title: vscode.l10n.t('Export events: which?'), canPickMany: true },
  );
  if (!picked || picked.length === 0) return undefined;
  return picked.length === FEED_FAMILIES.length ? null : picked.map(item => item.family);
}

async function pickFormat(): Promise<'csv' | 'jsonl' | null> {
  const { l10n, window } = vscode;
  const items: { label: string; detail: string; format: 'csv' | 'jsonl' }[] = [
    { label: 'CSV', detail: l10n.t('For spreadsheets; one line an event.'), format: 'csv' },
    {
      label: 'JSON Lines',
      detail: l10n.t('For programs; each line a JSON object, with all of the event.'),
      format: 'jsonl',
    },
  ];
  const picked = await window.showQuickPick(items, { title: l10n.t('Export events: as what?') });
  return picked?.format ?? null;
}

/** A file on the computer where this extension runs; elsewhere nothing could be written. */
async function pickFile(format: 'csv' | 'jsonl'): Promise<vscode.Uri | undefined> {
  const { l10n, window } = vscode;
  const target = await window.showSaveDialog({
    title: l10n.t('Export events: where?'),
    defaultUri: vscode.Uri.file(join(homedir(), suggestFileName(format, new Date()))),
    filters: format === 'csv' ? { CSV: ['csv'] } : { 'JSON Lines': ['jsonl'] },
  });
  if (!target || target.scheme === 'file') return target;
  // Where the extension runs beside a remote, its own files may carry the remote's scheme.
  if (target.scheme === 'vscode-remote') return vscode.Uri.file(target.path);
  await window.showWarningMessage(
    l10n.t('Choose a file on this computer: events cannot be exported to {0}.', target.scheme),
  );
  return undefined;
}

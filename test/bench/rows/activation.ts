import path from 'node:path';
import { waitFor } from '../../support/poll';
import type { BenchOptions } from '../bench-options';
import type { Figure } from '../figures';
import { BenchHost } from '../host/bench-host';
import type { Activation } from '../programs/host-probe';

async function measureOnce({ profiles }: BenchOptions): Promise<{ ours: Activation; git: Activation }> {
  const host = await BenchHost.open({
    withExtension: true,
    // As a person has them on the first day: git on, no account, nothing to connect to.
    settings: { 'git.enabled': true },
    ...(profiles === null ? {} : { activationProfile: path.join(profiles, 'activation.cpuprofile') }),
  });
  try {
    return await waitFor(
      'both extensions to be active',
      async () => {
        const { ours, git } = await host.ask('activations', {});
        if (!ours || !git || ours.resolvedMs === null || git.resolvedMs === null) return undefined;
        return { ours, git };
      },
      120_000,
    );
  } finally {
    await host.close();
  }
}

/** `activate()` in the real extension host, beside VS Code's own git extension in the same host. */
export async function measureActivation(options: BenchOptions): Promise<Figure[]> {
  const samples: { ours: Activation; git: Activation }[] = [];
  for (let run = 0; run < options.runs; run++) {
    const measured = await measureOnce(options);
    samples.push(measured);
    const show = ({ loadMs, callMs, resolvedMs, cpuMs }: Activation): string =>
      `load ${loadMs.toFixed(1)}, call ${callMs.toFixed(1)}, resolved ${(resolvedMs ?? 0).toFixed(1)}, cpu ${cpuMs.toFixed(1)} ms`;
    options.say(`activation ${run + 1}: ours ${show(measured.ours)}; git ${show(measured.git)}`);
  }
  const blocked = ({ loadMs, callMs }: Activation): number => loadMs + callMs;
  return [
    {
      row: 'activation',
      what: 'activate() until it returns',
      unit: 'ms',
      runs: samples.map(({ ours }) => ours.callMs),
      beside: { what: 'vscode.git, until resolved', runs: samples.map(({ git }) => git.resolvedMs ?? 0) },
      target: { sense: 'atMost', ratio: 0.5, says: '0.5 of vscode.git' },
    },
    {
      row: 'activation',
      what: 'loading and activate() together',
      unit: 'ms',
      runs: samples.map(({ ours }) => blocked(ours)),
      beside: {
        what: 'vscode.git, the same',
        runs: samples.map(({ git }) => git.loadMs + (git.resolvedMs ?? 0)),
      },
      target: { sense: 'atMost', ratio: 0.5, says: '0.5 of vscode.git' },
    },
    {
      row: 'activation',
      what: 'blocking work: activate()',
      unit: 'ms',
      runs: samples.map(({ ours }) => ours.callMs),
      beside: { what: 'limit', runs: [30] },
      target: { sense: 'atMost', ratio: 1, says: '30 ms' },
    },
    {
      row: 'activation',
      what: 'blocking work with loading the bundle',
      unit: 'ms',
      runs: samples.map(({ ours }) => blocked(ours)),
      beside: { what: 'vscode.git blocks', runs: samples.map(({ git }) => blocked(git)) },
      target: null,
    },
  ];
}

// VS Code in a browser does not watch the file of the user's settings, so a test hands its changes over here.
const fs = require('node:fs');
const vscode = require('vscode');

const file = process.env.EVENTSUB_TEST_SETTINGS;

async function apply() {
  if (!fs.existsSync(file)) return;
  for (const [key, value] of Object.entries(JSON.parse(fs.readFileSync(file, 'utf8')))) {
    const settings = vscode.workspace.getConfiguration();
    if (JSON.stringify(settings.inspect(key)?.globalValue) === JSON.stringify(value)) continue;
    await settings.update(key, value ?? undefined, vscode.ConfigurationTarget.Global);
  }
}

exports.activate = context => {
  if (file === undefined) return;
  let applying = Promise.resolve();
  const changed = () => (applying = applying.then(apply, apply));
  fs.watchFile(file, { interval: 200 }, changed);
  void changed();
  context.subscriptions.push({ dispose: () => fs.unwatchFile(file, changed) });
};

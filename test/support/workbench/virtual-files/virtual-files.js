// The folder virtual-files:/ with one file in it. Nothing can be written.
const vscode = require('vscode');

const NOTES = new TextEncoder().encode('# Notes that are on no disk\n');

const stat = uri => {
  if (uri.path === '/') return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
  if (uri.path === '/notes.md') return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: NOTES.length };
  throw vscode.FileSystemError.FileNotFound(uri);
};

const refuse = () => {
  throw vscode.FileSystemError.NoPermissions();
};

const provider = {
  onDidChangeFile: new vscode.EventEmitter().event,
  watch: () => ({ dispose: () => undefined }),
  stat,
  readDirectory: () => [['notes.md', vscode.FileType.File]],
  readFile: uri => (stat(uri).type === vscode.FileType.File ? NOTES : refuse()),
  writeFile: refuse,
  createDirectory: refuse,
  delete: refuse,
  rename: refuse,
};

exports.activate = context => {
  context.subscriptions.push(
    vscode.workspace.registerFileSystemProvider('virtual-files', provider, { isReadonly: true }),
  );
};

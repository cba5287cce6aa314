// VS Code writes its logs with a native module that is not built here; this writes the same lines to the same files.
// Loaded by `NODE_OPTIONS=--require`.
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

class Logger {
  constructor(_type, _name, file) {
    this.file = file;
    this.level = 2;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    for (const [level, name] of LEVELS.entries()) {
      this[name] = text => {
        if (level >= this.level) fs.appendFileSync(this.file, `[${name}] ${text}\n`);
      };
    }
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  setPattern() {}
  clearFormatters() {}
  flush() {}
  drop() {}
}

const stored = { version: 0, setLevel() {}, setFlushOn() {}, Logger };
const load = Module._load;
Module._load = function (request, ...rest) {
  if (request !== 'bindings') return load.call(this, request, ...rest);
  return name => (name === 'spdlog' ? stored : load.call(this, request, ...rest)(name));
};

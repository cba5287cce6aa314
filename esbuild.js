// Builds every bundle. Flags: --watch, --production, --tests (also test/ into out/), --dist=FOLDER (instead of dist),
// --metafile=FILE (what went into each bundle, as a list of esbuild's metafiles).
// `--run FILE ...` bundles that one file, hands it the rest of the command line, and builds nothing else.
// Follows esbuild-sample of microsoft/vscode-extension-samples.
const esbuild = require('esbuild');
const fs = require('node:fs');
const path = require('node:path');

const isProduction = process.argv.includes('--production');
const isWatching = process.argv.includes('--watch');
const withTests = process.argv.includes('--tests');
const dist = process.argv.find(argument => argument.startsWith('--dist='))?.slice('--dist='.length) ?? 'dist';
const metafile = process.argv
  .find(argument => argument.startsWith('--metafile='))
  ?.slice('--metafile='.length);

/** @returns {import('esbuild').BuildOptions} */
const node = options => ({
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: isProduction ? false : 'linked',
  minify: isProduction,
  legalComments: 'none',
  logLevel: 'warning',
  // `ws` looks for these native speed-ups and works without them.
  external: ['vscode', 'bufferutil', 'utf-8-validate'],
  mainFields: ['module', 'main'],
  ...options,
});

/** Lets the small host bundle load the leader's half and the simulator only in the window that leads. */
const leaderStaysOutside = {
  name: 'leader-stays-outside',
  setup(build) {
    build.onResolve({ filter: /\/(?:leader|simulator)$/ }, args =>
      args.kind === 'dynamic-import'
        ? { path: `./${path.posix.basename(args.path)}.js`, external: true }
        : undefined,
    );
  },
};

/** All files below `folder` whose name ends in `ending`, relative to the root. */
function listFiles(folder, ending) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(ending))
    .map(entry => path.join(entry.parentPath, entry.name));
}

/** Bundles a module of ours that the build itself needs, and answers its exports. */
async function loadModule(file) {
  const { outputFiles } = await esbuild.build(node({ entryPoints: [file], write: false, sourcemap: false }));
  const module = { exports: {} };
  new Function('module', 'require', outputFiles[0].text)(module, require);
  return module.exports;
}

/** Ships the icon font with the icons that the webview's style sheets name, and no others: a tenth of its size. */
const fewerIcons = {
  name: 'fewer-icons',
  setup(build) {
    build.onLoad({ filter: /codicon\.ttf$/ }, async args => {
      const { subsetFont, listIconCharacters } = await loadModule('test/support/package/subset-font.ts');
      const sheets = listFiles('webview', '.css');
      const icons = sheets.flatMap(file => listIconCharacters(fs.readFileSync(file, 'utf8')));
      const contents = subsetFont(fs.readFileSync(args.path), icons);
      return { contents, loader: 'file', watchFiles: sheets };
    });
  },
};

const bundles = [
  node({ entryPoints: ['src/extension.ts'], outfile: `${dist}/extension.js`, plugins: [leaderStaysOutside] }),
  node({ entryPoints: ['src/service/leader.ts'], outfile: `${dist}/leader.js` }),
  node({ entryPoints: ['src/simulator/simulator.ts'], outfile: `${dist}/simulator.js` }),
  node({ entryPoints: ['src/data/data-worker.ts'], outfile: `${dist}/data-worker.js` }),
  {
    entryPoints: { app: 'webview/app.tsx' },
    outdir: `${dist}/webview`,
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    sourcemap: isProduction ? false : 'linked',
    minify: isProduction,
    legalComments: 'none',
    logLevel: 'warning',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
    plugins: [fewerIcons],
    chunkNames: '[name]-[hash]',
  },
];

const testExternals = [
  'vscode',
  'bufferutil',
  'utf-8-validate',
  'mocha',
  'playwright-core',
  'esbuild',
  'typescript',
  '@vscode/*',
  'fast-check',
  '@twurple/*',
];

const testBundles = [
  // One folder a tier; shared chunks would hide which test a stack trace belongs to.
  node({
    entryPoints: listFiles('test', '.ts').filter(file => !file.endsWith('.d.ts')),
    outdir: 'out/test',
    outbase: 'test',
    sourcemap: 'linked',
    minify: false,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    external: testExternals,
  }),
];

function copyAssets() {
  fs.mkdirSync(dist, { recursive: true });
  fs.copyFileSync('node_modules/sql.js/dist/sql-wasm.wasm', path.join(dist, 'sql-wasm.wasm'));
}

/** Prints what VS Code's problem matcher for a watching build looks for. */
const watchMarks = {
  name: 'watch-marks',
  setup(build) {
    build.onStart(() => console.log('[watch] build started'));
    build.onEnd(() => console.log('[watch] build finished'));
  },
};

/** Bundles one TypeScript program of test/support and becomes it. */
async function runProgram(file, args) {
  const outfile = path.resolve('out/run', `${path.basename(file, '.ts')}.js`);
  await esbuild.build(node({ entryPoints: [file], outfile, external: testExternals, minify: false }));
  process.argv.splice(2, process.argv.length, ...args);
  process.setSourceMapsEnabled(true);
  require(outfile);
}

async function main() {
  if (process.argv[2] === '--run') return runProgram(process.argv[3], process.argv.slice(4));
  if (!isWatching) fs.rmSync(dist, { recursive: true, force: true });
  if (withTests) fs.rmSync('out/test', { recursive: true, force: true });
  copyAssets();
  const chosen = [...bundles, ...(withTests ? testBundles : [])];
  if (isWatching) {
    const contexts = await Promise.all(
      chosen.map(bundle => esbuild.context({ ...bundle, plugins: [...(bundle.plugins ?? []), watchMarks] })),
    );
    await Promise.all(contexts.map(context => context.watch()));
    return;
  }
  const results = await Promise.all(
    chosen.map(bundle => esbuild.build({ ...bundle, metafile: metafile !== undefined })),
  );
  if (metafile !== undefined)
    fs.writeFileSync(metafile, JSON.stringify(results.map(result => result.metafile)));
}

main().catch(error => {
  console.error(error.message);
  process.exit(1);
});

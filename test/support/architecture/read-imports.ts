import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** One specifier of a file; `isErased` if it leaves nothing in the compiled JavaScript. */
export interface ReadImport {
  specifier: string;
  isErased: boolean;
}

function isTypeOnlyImport(node: ts.ImportDeclaration): boolean {
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

/** Every specifier in a TypeScript text: import, export from, import(), require(), and import types. */
export function readImports(fileName: string, text: string): ReadImport[] {
  const found: ReadImport[] = [];
  const add = (specifier: ts.Node | undefined, isErased: boolean): void => {
    if (specifier && ts.isStringLiteralLike(specifier)) found.push({ specifier: specifier.text, isErased });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnlyImport(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node.moduleReference.expression, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    } else if (ts.isCallExpression(node)) {
      const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
      if (isImport || isRequire) add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true));
  return found;
}

/** Reads all TypeScript files below these folders; keys are paths relative to `root`, with forward slashes. */
export function readAllImports(root: string, folders: readonly string[]): Map<string, ReadImport[]> {
  const result = new Map<string, ReadImport[]>();
  for (const folder of folders) {
    for (const name of fs.readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(name)) continue;
      const file = path.posix.join(folder, name.split(path.sep).join('/'));
      result.set(file, readImports(file, fs.readFileSync(path.join(root, file), 'utf8')));
    }
  }
  return result;
}

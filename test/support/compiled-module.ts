import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Compiles folders of the project to JavaScript below `target`, so that a test can run a module of them in a Node
 * process of its own without a build before. Types are not checked.
 */
export function compileFolders(folders: readonly string[], target: string): void {
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'package.json'), '{ "type": "module" }');
  rmSync(join(target, 'node_modules'), { force: true });
  symlinkSync(join(root, 'node_modules'), join(target, 'node_modules'), 'dir');
  for (const folder of folders) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.ts')) compileFile(join(folder, name), target);
    }
  }
}

function compileFile(path: string, target: string): void {
  const { outputText } = ts.transpileModule(readFileSync(join(root, path), 'utf8'), {
    fileName: path,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  const output = join(target, path.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, outputText);
}

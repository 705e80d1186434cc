import { posix } from 'node:path';
import ts from 'typescript';
import type { Workspace } from './workspace';

/** What one source file gives and takes. */
export interface SourceFile {
  readonly path: string;
  readonly exports: readonly SourceExport[];
  readonly imports: readonly SourceImport[];
}

export interface SourceExport {
  readonly name: string;
  readonly line: number;
  /** A type that the same file mentions elsewhere, as in the signature of another export, or that it only passes on. */
  readonly isMentionedType: boolean;
}

export interface SourceImport {
  /** The file imported; undefined when it is a package or missing. */
  readonly target: string | undefined;
  readonly specifier: string;
  readonly line: number;
  /** `*` stands for all of them. */
  readonly names: readonly { readonly imported: string; readonly reexportedAs: string | undefined }[];
  readonly isTypeOnly: boolean;
}

const read = new WeakMap<Workspace, ReadonlyMap<string, SourceFile>>();

/** All TypeScript sources of libs/, apps/ and tools/, specs too. Read once per workspace. */
export function readSources(workspace: Workspace): ReadonlyMap<string, SourceFile> {
  const known = read.get(workspace) ?? parseSources(workspace);
  read.set(workspace, known);
  return known;
}

export function isSpec(path: string): boolean {
  return /\.spec\.tsx?$/.test(path);
}

/** What several specs of a room stand on. */
export function isFixture(path: string): boolean {
  return /\.fixture\.tsx?$|\/src\/testing\//.test(path);
}

function parseSources(workspace: Workspace): ReadonlyMap<string, SourceFile> {
  const paths = workspace.paths(/^(libs|apps|tools)\/.*\.tsx?$/).filter((path) => !path.endsWith('.d.ts'));
  return new Map(paths.map((path) => [path, readSource(workspace, path)]));
}

function readSource(workspace: Workspace, path: string): SourceFile {
  const file = ts.createSourceFile(path, workspace.text(path), ts.ScriptTarget.Latest, true);
  const exports: SourceExport[] = [];
  const imports: SourceImport[] = [];
  const mentions = countIdentifiers(file);
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const addExport = (name: ts.Node & { text: string }, isMentionedType: boolean): void => {
    exports.push({ name: name.text, line: lineOf(name), isMentionedType });
  };
  const isMentioned = (name: ts.Identifier): boolean => (mentions.get(name.text) ?? 0) > 1;
  const addImport = (node: ts.Node, specifier: string, names: SourceImport['names'], isTypeOnly = false): void => {
    imports.push({ target: resolve(workspace, path, specifier), specifier, line: lineOf(node), names, isTypeOnly });
  };

  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) {
      const { importClause } = statement;
      addImport(statement, textOf(statement.moduleSpecifier), namesOf(importClause), importClause?.isTypeOnly ?? false);
    } else if (ts.isExportDeclaration(statement)) {
      readExportDeclaration(statement, addExport, addImport);
    } else if (isExported(statement)) {
      const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
      for (const name of declaredNames(statement)) addExport(name, isType && isMentioned(name));
    }
  }
  visit(file, (node) => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0])
      addImport(node, textOf(node.arguments[0]), [{ imported: '*', reexportedAs: undefined }]);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      addImport(node, textOf(node.argument.literal), [{ imported: '*', reexportedAs: undefined }], true);
  });
  return { path, exports, imports };
}

function readExportDeclaration(
  statement: ts.ExportDeclaration,
  addExport: (name: ts.Node & { text: string }, isMentionedType: boolean) => void,
  addImport: (node: ts.Node, specifier: string, names: SourceImport['names'], isTypeOnly: boolean) => void,
): void {
  const { exportClause, moduleSpecifier, isTypeOnly } = statement;
  if (exportClause && ts.isNamedExports(exportClause)) {
    for (const element of exportClause.elements) addExport(element.name, isTypeOnly || element.isTypeOnly);
    if (!moduleSpecifier) return;
    const names = exportClause.elements.map(({ name, propertyName }) => ({ imported: (propertyName ?? name).text, reexportedAs: name.text }));
    addImport(statement, textOf(moduleSpecifier), names, isTypeOnly);
  } else if (moduleSpecifier) {
    if (exportClause) addExport(exportClause.name, false);
    const reexportedAs = exportClause ? exportClause.name.text : '*';
    addImport(statement, textOf(moduleSpecifier), [{ imported: '*', reexportedAs }], isTypeOnly);
  }
}

function namesOf(clause: ts.ImportClause | undefined): SourceImport['names'] {
  if (!clause) return [];
  const names = clause.name ? ['default'] : [];
  const bindings = clause.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) names.push('*');
  if (bindings && ts.isNamedImports(bindings)) names.push(...bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text));
  return names.map((imported) => ({ imported, reexportedAs: undefined }));
}

function isExported(statement: ts.Statement): boolean {
  return ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function declaredNames(statement: ts.Statement): ts.Identifier[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name));
  const { name } = statement as ts.Statement & { name?: ts.Node };
  return name && ts.isIdentifier(name) ? [name] : [];
}

function boundNames(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []));
}

function countIdentifiers(file: ts.SourceFile): Map<string, number> {
  const counts = new Map<string, number>();
  visit(file, (node) => {
    if (ts.isIdentifier(node)) counts.set(node.text, (counts.get(node.text) ?? 0) + 1);
  });
  return counts;
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : '';
}

function resolve(workspace: Workspace, from: string, specifier: string): string | undefined {
  const library = /^@worldline\/([a-z-]+)$/.exec(specifier)?.[1];
  if (library) return [`libs/${library}/src/index.ts`].find((path) => workspace.has(path));
  if (!specifier.startsWith('.')) return undefined;
  const base = posix.join(posix.dirname(from), specifier).replace(/\.jsx?$/, '');
  return [`${base}.ts`, `${base}.tsx`, `${base}/index.ts`].find((path) => workspace.has(path));
}

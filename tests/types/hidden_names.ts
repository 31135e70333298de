/** Which types a declaration names that whoever imports it cannot name. */

import type TypeScript from "typescript-5.9";

/**
 * Looks through what a module exports, for types of the package that it does not export.
 *
 * @param ts The compiler.
 * @param door The module's declaration.
 * @returns Each as `Socket: Protocol`, the exported name first.
 */
export function hiddenNames(ts: typeof TypeScript, door: string): string[] {
  const program = ts.createProgram([door], {
    module: ts.ModuleKind.NodeNext,
    lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
    types: [],
  });
  const checker = program.getTypeChecker();
  const resolve = (symbol: TypeScript.Symbol): TypeScript.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const module = checker.getSymbolAtLocation(program.getSourceFile(door)!)!;
  const exported = new Set(checker.getExportsOfModule(module).map(resolve));

  /** Whether somebody could import it, if only it were exported here. */
  const isOfPackage = ({ declarations = [] }: TypeScript.Symbol): boolean =>
    declarations.some((declaration) => {
      const source = declaration.getSourceFile();
      return declaration.parent === source && !program.isSourceFileDefaultLibrary(source);
    });

  const hidden = new Set<string>();
  for (const { name, declarations = [] } of exported) {
    const visit = (node: TypeScript.Node): void => {
      if (ts.isIdentifier(node)) {
        const symbol = checker.getSymbolAtLocation(node);
        const named = symbol && resolve(symbol);
        if (named !== undefined && isOfPackage(named) && !exported.has(named)) {
          hidden.add(`${name}: ${node.text}`);
        }
      }
      ts.forEachChild(node, visit);
    };
    declarations.forEach(visit);
  }
  return [...hidden].sort();
}

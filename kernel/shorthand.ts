import ts = require('@tslab/typescript-for-tslab');

/**
 * tslab writes `exports.a` where a cell names the `a` of an earlier one, but overlooks `{ a }`: there TypeScript's symbol of the name is
 * the property. It is shown the symbol of the value, and `{ a }` becomes `{ a: exports.a }`, also as a target: `({ a } = b)`.
 */
export function seeShorthandValues(checker: ts.TypeChecker): void {
  const { getSymbolAtLocation } = checker;
  checker.getSymbolAtLocation = (node) => {
    const { parent } = node as Partial<ts.Node>;
    return parent && ts.isShorthandPropertyAssignment(parent) && parent.name === node
      ? checker.getShorthandAssignmentValueSymbol(parent)
      : getSymbolAtLocation.call(checker, node);
  };
}

/** TypeScript's function of the name, for visitors that may make another expression of a name. */
export const visitEachChild: typeof ts.visitEachChild = (
  node: ts.Node,
  visitor: ts.Visitor,
  ...rest: [ts.TransformationContext]
) => {
  if (!ts.isShorthandPropertyAssignment(node)) return ts.visitEachChild(node, visitor, ...rest);
  const value = visitor(node.name) as ts.Expression;
  if (value === node.name) return ts.visitEachChild(node, visitor, ...rest);
  const { objectAssignmentInitializer: initial } = node;
  const target = initial ? ts.factory.createAssignment(value, visitor(initial) as ts.Expression) : value;
  return ts.factory.createPropertyAssignment(node.name, target);
};

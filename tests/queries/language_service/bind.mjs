// Parses and binds KQL with Microsoft's language service, and tells what it found as JSON.
//
// node bind.mjs FOLDER_WITH_NODE_MODULES < {"tables": {table: {column: type}}, "queries": {key: text}}
//
// Of each query: "diagnostics", "columns" of its result, "dimensions" (table and key of each access
// to customDimensions; key null where it is no literal) and "comparisons" (what a dimension or a
// table's column "name" is compared with; a value that is no literal is null).

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(join(process.argv[2], 'package.json'))
require('@kusto/language-service-next/bridge.min.js')
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js')

const { GlobalState, KustoCode, Symbols, Syntax } = globalThis.Kusto.Language
const Kind = Syntax.SyntaxKind
const BAG = 'customDimensions'
const CONVERSIONS = new Set(['tostring', 'toint', 'tolong', 'toreal', 'todouble'])

const asked = JSON.parse(readFileSync(0, 'utf8'))
const owners = new Map()
const tables = Object.entries(asked.tables).map(([name, columns]) => {
  const declared = Object.entries(columns).map(([column, type]) => `${column}: ${type}`)
  const table = Symbols.TableSymbol.From(`(${declared.join(', ')})`).WithName(name)
  each(table.Columns, column => owners.set(column, name))
  return table
})
const members = globalThis.System.Array.init(tables, Symbols.Symbol)
const database = new Symbols.DatabaseSymbol.ctor('component', members)
const globals = GlobalState.Default.WithDatabase(database)

const answers = Object.entries(asked.queries).map(([key, text]) => [key, told(text)])
process.stdout.write(JSON.stringify(Object.fromEntries(answers)))

function told (text) {
  const code = KustoCode.ParseAndAnalyze(text, globals)
  const answer = { diagnostics: [], columns: [], dimensions: [], comparisons: [] }
  each(code.GetDiagnostics(), found => {
    answer.diagnostics.push({ code: found.Code, severity: found.Severity, message: found.Message, at: found.Start })
  })
  if (code.ResultType?.Columns) each(code.ResultType.Columns, column => answer.columns.push(column.Name))
  Syntax.SyntaxElement.WalkNodes(code.Syntax, node => look(node, answer))
  return answer
}

function look (node, answer) {
  if (isBag(node)) answer.dimensions.push(access(node))
  const compared = comparison(node)
  if (compared) answer.comparisons.push(compared)
}

// One access to the bag: where it stands alone, its key is unknown.
function access (reference) {
  const parent = reference.Parent
  return { table: owner(reference.ReferencedSymbol), key: parent ? keyOf(parent, reference) : null }
}

function isBag (node) {
  return node.ReferencedSymbol instanceof Symbols.ColumnSymbol && node.ReferencedSymbol.Name === BAG
}

// The table that a column belongs to; null where several tables flow together.
function owner (column) {
  return owners.get(column) ?? null
}

function keyOf (parent, bag) {
  if (parent.Kind === Kind.PathExpression && parent.Expression === bag) return parent.Selector.SimpleName ?? null
  if (parent.Kind === Kind.ElementExpression && parent.Expression === bag) {
    const value = parent.Selector.Expression.LiteralValue
    return typeof value === 'string' ? value : null
  }
  return null
}

function comparison (node) {
  if (node instanceof Syntax.BinaryExpression) {
    const [left, right] = [subject(node.Left), subject(node.Right)]
    if (!left && !right) return null
    return { ...(left ?? right), operator: node.Operator.Text, values: [literal(left ? node.Right : node.Left)] }
  }
  if (node instanceof Syntax.InExpression) {
    const left = subject(node.Left)
    if (!left) return null
    const values = []
    each(node.Right.Expressions, element => values.push(literal(element.Element$1 ?? element.Element)))
    return { ...left, operator: node.Operator.Text, values }
  }
  return null
}

// What an expression stands for: a dimension, or the column "name" of a table; null for anything else.
function subject (expression, depth = 0) {
  if (!expression || depth > 20) return null
  if (expression instanceof Syntax.ParenthesizedExpression) return subject(expression.Expression, depth + 1)
  if (expression instanceof Syntax.FunctionCallExpression && CONVERSIONS.has(expression.Name.SimpleName)) {
    return subject(expression.ArgumentList.Expressions.getItem(0).Element$1, depth + 1)
  }
  if (expression.Kind === Kind.PathExpression || expression.Kind === Kind.ElementExpression) {
    const bag = expression.Expression
    return isBag(bag) ? { table: owner(bag.ReferencedSymbol), dimension: keyOf(expression, bag) } : null
  }
  const symbol = expression.ReferencedSymbol
  if (!(symbol instanceof Symbols.ColumnSymbol)) return null
  const source = symbol.Source ? subject(symbol.Source, depth + 1) : null
  if (source) return source
  return symbol.Name === 'name' ? { table: owner(symbol), dimension: null } : null
}

function literal (expression) {
  const value = expression?.LiteralValue
  return typeof value === 'string' ? value : null
}

function each (list, act) {
  for (let index = 0; index < list.Count; index++) act(list.getItem(index))
}

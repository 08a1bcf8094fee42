import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { sourceFiles } from '../testing/surface.ts'

// A query takes the types of its columns from server/core/db/rows.ts: `sql<Row<'sales_order', 'id'>>`, `RowFor`, `Nullable` and so on. A
// value that it computes under the name of some column is a `Record<'count', number>`. Those that write a column's type by hand are
// named here, each file with how many it has and why.

const byHand: Record<string, [count: number, why: string]> = {
  'server/core/lists/list.ts': [1, 'the table and its column are values'],
  'server/orders/gifts/queries.ts': [1, 'its lines come as tuples in JSON'],
}

type Source = { path: string; text: string }

const files: Source[] = sourceFiles('server')
const rows = files.find(({ path }) => path === 'server/core/db/rows.ts')?.text ?? ''
const columns = new Set([...rows.matchAll(/^ {4}(\w+): /gm)].map(([, name = '']) => name))

const camel = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const known = new Set([
  'Pick',
  'Omit',
  'Record',
  'Partial',
  'Required',
  'Date',
  'Buffer',
  'Row',
  'Rows',
  'WithNumbers',
  'Nullable',
  'NotNull',
  // What columns of JSON hold.
  'Actor',
  'Scope',
  'DecidedOn',
  'RuleInput',
  'CourierService',
  'TradeLine',
  'HandoutColumn',
  'Detail',
  'LocalizedText',
  'Doubt',
])

test('a query takes the types of its columns from the generated rows', () => {
  const hits = files.flatMap((file) =>
    [...file.text.matchAll(/\bsql<(?=[A-Z{'])/g)]
      .filter(({ index }) => isByHand(file, typeAt(file.text, index + 3)))
      .map(({ index }) => ({ path: file.path, line: file.text.slice(0, index).split('\n').length })),
  )
  const places = Object.groupBy(hits, ({ path }) => path)
  const unexpected = Object.entries(places).filter(
    ([path, some = []]) => some.length > (byHand[path]?.[0] ?? 0),
  )
  assert.deepEqual(Object.fromEntries(unexpected), {})
  assert.deepEqual(Object.keys(places).sort(), Object.keys(byHand).sort())
  assert.ok(hits.length <= 20)
})

/** A column's name with a type written beside it, in the type itself or in one that it names in the same file; or a type of a contract. */
function isByHand(file: Source, type: string, seen: ReadonlySet<string> = new Set()): boolean {
  const written = /\b(\w+)\??: (?:string|number|boolean|Date|Buffer|unknown)\b/g
  if ([...type.matchAll(written)].some(([, name = '']) => columns.has(camel(name)))) return true
  const bare = type.replaceAll(
    /\bRowFor<'\w+', (?:[^<>]|<[^<>]*>)*>|\b[A-Z]\w*\['\w+'\]|'[^']*'|\bkeyof \w+|\b(Exclude|Extract)<[^<>]*>|\bPick<\w+, [^<>]*>/g,
    '',
  )
  return [...bare.matchAll(/\b[A-Z]\w*\b/g)]
    .map(([name]) => name)
    .filter((name) => !seen.has(name))
    .some((name) => {
      const declared = declarationOf(file.text, name)
      if (declared !== undefined) return isByHand(file, declared, new Set([...seen, name]))
      return !known.has(name) && declaredElsewhere(file, name, new Set([...seen, name]))
    })
}

/** A type of another file is looked up there; one of a contract says what goes out, not what the database has. */
function declaredElsewhere(file: Source, name: string, seen: ReadonlySet<string>): boolean {
  const [, from] = new RegExp(`import [^;']*?\\b${name}\\b[^;']*? from '(\\.[^']+)'`).exec(file.text) ?? []
  const other = from && files.find(({ path }) => path === join(dirname(file.path), from))
  const declared = other && declarationOf(other.text, name)
  return declared !== undefined && declared !== '' && other
    ? declared.startsWith('Static<') || isByHand(other, declared, seen)
    : false
}

function declarationOf(text: string, name: string): string | undefined {
  const head = new RegExp(`^( *)(?:export )?type ${name}(?:<[^=]*>)? = `, 'm').exec(text)
  if (!head) return undefined
  const rest = text.slice(head.index + head[0].length)
  const end = new RegExp(`\\n${head[1]}(?=[^\\s})\\]|&])`).exec(rest)
  return rest.slice(0, end?.index)
}

/** The text between `<` at this place and its `>`. */
function typeAt(text: string, at: number): string {
  let depth = 0
  for (let end = at; end < text.length; end++) {
    if ('<{(['.includes(text[end] ?? '')) depth++
    if ('>})]'.includes(text[end] ?? '') && text[end - 1] !== '=') depth--
    if (depth === 0) return text.slice(at + 1, end)
  }
  return ''
}

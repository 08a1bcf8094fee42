import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { sourceFiles } from '../testing/surface.ts'

// A query takes the types of its columns from server/core/db/rows.ts: `sql<Row<'sales_order', 'id'>>`. Queries from before that write
// them by hand are counted here by folder. A number only goes down; where it is zero, its line goes.

const byHand: Record<string, number> = {
  'server/core/lists': 7,
  'server/exports': 3,
  'server/finance': 1,
  'server/fulfilment': 1,
  'server/fulfilment/intercepts': 13,
  'server/intake': 2,
  'server/intake/aftersales': 3,
  'server/intake/coverage': 3,
  'server/intake/doubts': 1,
  'server/intake/downloads': 8,
  'server/intake/parked': 2,
  'server/intake/refunds': 21,
  'server/intake/trades': 14,
  'server/inventory': 1,
  'server/orders/buyers': 1,
  'server/orders/gifts': 4,
  'server/orders/review': 1,
  'server/orders/shipments': 1,
  'server/orders/sourcing': 4,
  'server/orders/split': 4,
  'server/orders/view': 3,
  'server/returns': 8,
  'server/returns/receiving': 1,
  'server/search': 1,
  'server/shops': 1,
  'server/stock-sync': 5,
  'server/users': 6,
  'server/users/sign-in': 2,
}

type Source = { path: string; text: string }

const files: Source[] = sourceFiles('server')
const rows = files.find(({ path }) => path === 'server/core/db/rows.ts')?.text ?? ''
const columns = new Set([...rows.matchAll(/^ {4}(\w+): /gm)].map(([, name = '']) => name))

test('a query takes the types of its columns from the generated rows', () => {
  const hits = files.flatMap((file) =>
    [...file.text.matchAll(/\bsql<(?=[A-Z{'])/g)]
      .filter(({ index }) => isByHand(file, typeAt(file.text, index + 3)))
      .map(({ index }) => `${file.path}:${file.text.slice(0, index).split('\n').length}`),
  )
  const exceeding = Object.entries(Object.groupBy(hits, dirname)).filter(
    ([folder, places = []]) => places.length > (byHand[folder] ?? 0),
  )
  // A file that moved to another folder takes its queries along.
  const allowed = Object.values(byHand).reduce((sum, count) => sum + count, 0)
  if (hits.length > allowed) assert.deepEqual(Object.fromEntries(exceeding), {})
})

/** A column's name with a type written beside it, in the type itself or in one that it names in the same file; or a type of a contract. */
function isByHand(file: Source, type: string, seen: ReadonlySet<string> = new Set()): boolean {
  const written = /\b(\w+)\??: (?:string|number|boolean|Date|Buffer|unknown)\b/g
  if ([...type.matchAll(written)].some(([, name = '']) => columns.has(name))) return true
  const bare = type.replaceAll(
    /\b[A-Z]\w*\['\w+'\]|'[^']*'|\bkeyof \w+|\b(Exclude|Extract)<[^<>]*>|\bPick<\w+, [^<>]*>/g,
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
])

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
  const head = new RegExp(`\\btype ${name}(?:<[^=]*>)? = `).exec(text)
  if (!head) return undefined
  const rest = text.slice(head.index + head[0].length)
  return rest.slice(0, /\n(?=[^\s})\]|&])/.exec(rest)?.index ?? rest.length)
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

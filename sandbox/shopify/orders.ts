import type { Shop, Trade } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { CallError, page, type Resolver } from './call.ts'
import { orderObject } from './order-json.ts'

const LATE = 4_000_000_000
type Span = { from: number; to: number }

/** Query.orders: by time of change or of creation. A search term that is not known ends the call here; the platform would leave it out. */
export const orders: Resolver = (args, call) => {
  const terms = termsIn(typeof args['query'] === 'string' ? args['query'] : '')
  const [updated, created] = [spanOf(terms, 'updated_at'), spanOf(terms, 'created_at')]
  const unknown = terms.find(({ name }) => !['updated_at', 'created_at', 'status'].includes(name))
  if (unknown !== undefined) throw new CallError('BAD_REQUEST', `unknown search term ${unknown.name}`)
  const byChange = args['sortKey'] === 'UPDATED_AT'
  if (!byChange && args['sortKey'] !== 'CREATED_AT')
    throw new CallError('BAD_REQUEST', `sorting by ${String(args['sortKey'])} is not simulated`)
  const statuses = terms.filter(({ name }) => name === 'status').map(({ value }) => value)
  const placeOf = (trade: Trade) =>
    `${String(byChange ? trade.modified : trade.created).padStart(12, '0')}:${trade.tid.padStart(20, '0')}`
  const rows = within(call.shop, updated, created)
    .filter((trade) => statuses.length === 0 || statuses.some((status) => hasStatus(trade, status)))
    .toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
  if (args['reverse'] === true) rows.reverse()
  const found = page(rows, args, placeOf)
  return {
    ...found,
    nodes: found.nodes.map((trade) => orderObject(trade, call)),
    edges: found.edges.map(({ node, cursor }) => ({ cursor, node: orderObject(node, call) })),
  }
}

function within({ tradeLog }: Shop, updated: Span, created: Span): Trade[] {
  const key = `shopify|${created.from}|${created.to}`
  return [
    ...filteredBetween(
      tradeLog,
      updated,
      key,
      (trade) => trade.created >= created.from && trade.created <= created.to,
    ),
  ]
}

function hasStatus({ status }: Trade, asked: string): boolean {
  const isCancelled = status === 'TRADE_CLOSED_BY_TAOBAO'
  return asked === 'any' || asked === (isCancelled ? 'cancelled' : 'open')
}

type Term = { name: string; sign: string; value: string }

/** Reads the search syntax: terms with a sign and a value in quotes, all of which must hold. */
function termsIn(query: string): Term[] {
  const terms: Term[] = []
  const rest = query.replace(
    /(\w+):(>=|<=|>|<|)('([^']*)'|"([^"]*)"|[^\s'"]+)/g,
    (_, name: string, sign: string, value: string) => {
      terms.push({ name, sign, value: value.replace(/^['"]|['"]$/g, '') })
      return ''
    },
  )
  if (rest.replaceAll('AND', '').trim() !== '')
    throw new CallError('BAD_REQUEST', `the search cannot be read: ${rest.trim()}`)
  return terms
}

function spanOf(terms: readonly Term[], name: string): Span {
  const span = { from: 0, to: LATE }
  for (const { sign, value } of terms.filter((term) => term.name === name)) {
    const ms = Date.parse(value)
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) || Number.isNaN(ms))
      throw new CallError('BAD_REQUEST', `${name} is no time: ${value}`)
    const seconds = ms / 1000
    if (sign === '>=') span.from = Math.max(span.from, seconds)
    else if (sign === '>') span.from = Math.max(span.from, seconds + 1)
    else if (sign === '<=') span.to = Math.min(span.to, seconds)
    else if (sign === '<') span.to = Math.min(span.to, seconds - 1)
    else throw new CallError('BAD_REQUEST', `${name} needs a sign`)
  }
  return span
}

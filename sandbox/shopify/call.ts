import type { Sandbox } from '../state.ts'
import type { Listing, Sku } from '../world/goods.ts'
import type { Line, Refund, Shop, Trade } from '../world/model.ts'
import type { Parcel } from '../world/sent-parcels.ts'

/** What the resolvers of a call are given. `key`: of the directive @idempotent; undefined: the mutation has none. */
export interface ShopifyCall {
  sandbox: Sandbox
  shop: Shop
  /** Epoch seconds. */
  now: number
  key: string | undefined
  make: Makers
}

/** Each makes an object of the schema. They name each other, as the objects do. */
export interface Makers {
  order(trade: Trade): unknown
  line(trade: Trade, line: Line): unknown
  fulfillment(trade: Trade, parcel: Parcel): unknown
  workOrders(trade: Trade): unknown[]
  refund(refund: Refund): unknown
  return(refund: Refund): unknown
  product(listing: Listing): unknown
  variant(listing: Listing, sku: Sku): unknown
}

export type Args = Record<string, unknown>
export type Resolver = (args: Args, call: ShopifyCall) => unknown

/** An error that ends the whole call, as the platform writes it beside the data. */
export class CallError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export const gid = (type: string, id: string | number | bigint): string => `gid://shopify/${type}/${id}`

/** The number in a global id of this type; '' for the id of something else. */
export function numberIn(type: string, id: unknown): string {
  const match = /^gid:\/\/shopify\/(\w+)\/(\d{1,20})$/.exec(typeof id === 'string' ? id : '')
  if (match === null) throw new CallError('INVALID_GLOBAL_ID', `Invalid global id '${String(id)}'`)
  return match[1] === type ? (match[2] ?? '') : ''
}

/** Times are UTC with a letter for it. */
export const utc = (seconds: number): string | null =>
  seconds === 0 ? null : `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`

export const askedTrade = ({ shop }: ShopifyCall, id: unknown): Trade | undefined =>
  shop.trades.get(numberIn('Order', id))

export const userError = (field: readonly string[] | null, message: string, code?: string) => ({
  field,
  message,
  ...(code === undefined ? {} : { code }),
})

const currencyOf = ({ options }: Shop): string => options.currency ?? 'CNY'

/** An amount in the shop's currency, which the buyer saw too. */
export function money(shop: Shop, fen: number) {
  const sign = fen < 0 ? '-' : ''
  const one = {
    // The platform leaves the last zero out, but never the first decimal.
    amount: `${sign}${(Math.abs(fen) / 100).toFixed(2).replace(/0$/, '')}`,
    currencyCode: currencyOf(shop),
  }
  return { shopMoney: one, presentmentMoney: one }
}

export { currencyOf }

const MOST = 250

/** A page of rows in their order. Cursors are opaque to clients; a page has 250 rows at most. */
export function page<Row>(rows: readonly Row[], args: Args, cursorOf: (row: Row) => string) {
  const { first, last, after, before } = args
  if (before !== undefined && before !== null) throw new CallError('BAD_REQUEST', 'before is not simulated')
  const size = first ?? last
  if (typeof size !== 'number') throw new CallError('BAD_REQUEST', 'you must provide one of first or last')
  if (size > MOST) throw new CallError('BAD_REQUEST', `first/last cannot exceed ${MOST}`)
  if (size < 0) throw new CallError('BAD_REQUEST', 'first/last must be positive')
  const asked = typeof after === 'string' ? decoded(after) : undefined
  const from = asked === undefined ? 0 : rows.findIndex((row) => cursorOf(row) === asked) + 1
  if (asked !== undefined && from === 0) {
    // The row of the cursor has moved on: the rows after its place are given.
    return window(
      rows.filter((row) => cursorOf(row) > asked),
      0,
      size,
      cursorOf,
    )
  }
  return window(rows, from, size, cursorOf)
}

function window<Row>(rows: readonly Row[], from: number, size: number, cursorOf: (row: Row) => string) {
  const nodes = rows.slice(from, from + size)
  const [head, tail] = [nodes[0], nodes[nodes.length - 1]]
  const cursor = (row: Row | undefined) => (row === undefined ? null : encoded(cursorOf(row)))
  return {
    nodes,
    edges: nodes.map((node) => ({ node, cursor: encoded(cursorOf(node)) })),
    pageInfo: {
      hasNextPage: from + size < rows.length,
      hasPreviousPage: from > 0,
      startCursor: cursor(head),
      endCursor: cursor(tail),
    },
  }
}

const encoded = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

function decoded(cursor: string): string {
  const text = Buffer.from(cursor, 'base64').toString('utf8')
  if (text === '' || encoded(text) !== cursor)
    throw new CallError('BAD_REQUEST', 'Invalid cursor for current pagination sort.')
  return text
}

/** A list of one document, such as the lines of an order. */
export const connection = <Row>(rows: readonly Row[]) => {
  const places = new Map(rows.map((row, place) => [row, String(place).padStart(6, '0')]))
  return (args: Args) => page(rows, args, (row) => places.get(row) ?? '')
}

/** A list without cursors. */
export const firstOf =
  <Row>(rows: readonly Row[]) =>
  ({ first }: Args): Row[] =>
    rows.slice(0, typeof first === 'number' ? first : MOST)

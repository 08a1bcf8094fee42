import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { ask, rowsOf } from './client.ts'
import { numberAt } from './fields.ts'
import { orderRow } from './order-row.ts'
import { orderRefunds, refundQuery, returnQuery, returnRefunds } from './queries.ts'
import { sizes } from './sizes.ts'

/** What an order names, or has: its refunds and its returns. */
export type Backs = { refunds: readonly Fields[]; returns: readonly Fields[] }

/** The refunds and the returns that an order shows, one call for each. If it may have more than it shows, it is asked for all of them. */
export async function backsOf(call: Call, order: Fields): Promise<Backs> {
  const refunds = listAt(order, 'refunds', '').filter(isFields)
  const shown = fieldsAt(order, 'returns')
  const isMore = refunds.length >= sizes.refundsInList || fieldsAt(shown, 'pageInfo').hasNextPage === true
  if (isMore) return rowsNamed(call, await backsNamed(call, numberAt(order, 'id')))
  return rowsNamed(call, { refunds, returns: listAt(shown, 'nodes', '').filter(isFields) })
}

/** Every refund and return that an order names. @throws {PlatformError} if there is no such order. */
export async function backsNamed(call: Call, tid: string): Promise<Backs> {
  let refunds: Fields[] = []
  const returns: Fields[] = []
  for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
    const { order } = await orderRow(call, orderRefunds, tid, { after })
    refunds = listAt(order, 'refunds', '').filter(isFields)
    const { rows, next } = rowsOf(fieldsAt(order, 'returns'))
    returns.push(...rows.filter(isFields))
    after = next
  }
  if (refunds.length >= sizes.refundsNamed)
    throw new PlatformError('retry', 'bad_answer', 'The order may have more refunds than it can name.')
  return { refunds, returns }
}

export async function rowsNamed(call: Call, named: Backs): Promise<Backs> {
  const refunds: Fields[] = []
  const returns: Fields[] = []
  for (const { id } of named.refunds) refunds.push(await refundRow(call, id))
  for (const { id } of named.returns) {
    const row = await returnRow(call, id)
    if (!row) throw new PlatformError('retry', 'bad_answer', 'The order names a return, and none is shown.')
    returns.push(row)
  }
  return { refunds, returns }
}

/** A refund with all its lines. */
export async function refundRow(call: Call, id: unknown): Promise<Fields> {
  const lines: unknown[] = []
  let refund: Fields = {}
  for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
    const { data } = await ask(call, refundQuery, { id, after })
    if (!isFields(data.refund))
      throw new PlatformError('retry', 'bad_answer', 'The order names a refund, and none is shown.')
    refund = data.refund
    const { rows, next } = rowsOf(fieldsAt(refund, 'refundLineItems'))
    lines.push(...rows)
    after = next
  }
  return { ...refund, refundLineItems: { nodes: lines } }
}

/** A return with all its lines, and the refunds for it with all theirs. Undefined: there is no such return. */
export async function returnRow(call: Call, id: unknown): Promise<Fields | undefined> {
  const lines: unknown[] = []
  let found: Fields = {}
  for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
    const { data } = await ask(call, returnQuery, { id, after })
    if (!isFields(data.return)) return undefined
    found = data.return
    const { rows, next } = rowsOf(fieldsAt(found, 'returnLineItems'))
    lines.push(...rows)
    after = next
  }
  const refunds = await refundsFor(call, id, fieldsAt(found, 'refunds'))
  return { ...found, returnLineItems: { nodes: lines }, refunds: { nodes: refunds } }
}

const isWhole = (list: Fields): boolean =>
  Array.isArray(list.nodes) && fieldsAt(list, 'pageInfo').hasNextPage !== true

/** The refunds for a return: it shows five, and fifteen lines of each. */
async function refundsFor(call: Call, id: unknown, shown: Fields): Promise<readonly Fields[]> {
  let { rows, next } = rowsOf(shown)
  const named = rows.filter(isFields)
  while (next !== null) {
    const { data } = await ask(call, returnRefunds, { id, after: next })
    ;({ rows, next } = rowsOf(fieldsAt(fieldsAt(data, 'return'), 'refunds')))
    named.push(...rows.filter(isFields))
  }
  const whole: Fields[] = []
  for (const one of named)
    whole.push(isWhole(fieldsAt(one, 'refundLineItems')) ? one : await refundRow(call, one.id))
  return whole
}

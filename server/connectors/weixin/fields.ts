import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import type { BadItem } from '../connector.ts'
import {
  type Doubted,
  type Fields,
  idAt,
  isMissing,
  isTrueAt,
  listAt,
  listIn,
  longest,
  note,
  rawOf,
  textAt,
  wholeAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import type { ChainedPage, Window } from '../lists.ts'

/** The number of pieces; one that cannot be read counts as one, with a doubt. */
export function piecesIn(of: Fields, key: string, { doubts, as, line = '' }: Doubted): number {
  const pieces = wholeAt(of, key, 1, 1_000_000)
  if (pieces === null) note(doubts, as, of[key], { guess: '1', line })
  return pieces ?? 1
}

/** Goods are named within an order by product and SKU. */
export const goodsKeyOf = (of: Fields): string =>
  [idAt(of, 'product_id') || '0', idAt(of, 'sku_id') || '0'].join('-')

/**
 * The number that we give to a line: this platform has none. It begins with the order's, because numbers of lines are unique in a shop. A gift
 * of the same SKU is a line of its own, and its position is added (`linesOf`).
 */
export const oidOf = (tid: string, of: Fields): string => `${tid}-${goodsKeyOf(of)}`

/** The opposite of `oidOf`. @throws {PlatformError} for a number that it did not make. */
export function goodsOfOid(oid: string): { product_id: string; sku_id: string } {
  const [, product_id, sku_id] = /^\d+-(\d+)-(\d+)(?:-\d+)?$/.exec(oid) ?? []
  if (!product_id || !sku_id)
    throw new PlatformError('rejected', 'parameter', 'A line has no such number here.')
  return { product_id, sku_id }
}

/** The window in whole seconds. The documents do not say whether its ends are inside, so both are treated as inside. */
export const secondsOf = ({ from, to }: Window) => ({
  from: Math.floor(from.getTime() / secondMs),
  to: Math.floor(to.getTime() / secondMs),
})

/**
 * Makes a page of numbers; `next_key` belongs to the query that gave it. @throws {PlatformError} for an answer that is no list: an empty page in
 * its place would skip the window.
 */
export function pageOfIds<Id>(
  body: Fields,
  key: string,
  made: (id: string) => Id,
): ChainedPage<Id | BadItem> {
  const items = listAt(body, key, '').map((value): Id | BadItem => {
    const id = idAt({ id: value }, 'id')
    return id === '' ? { kind: 'bad', id: null, reason: 'no number', raw: rawOf(value) } : made(id)
  })
  const next = textAt(body, 'next_key', longest.token)
  if (isMissing(body.has_more)) {
    needed(listIn(body[key]), 'list')
    return { items, next: next === '' ? null : next }
  }
  if (!isTrueAt(body, 'has_more')) return { items, next: null }
  if (next === '') throw new PlatformError('retry', 'bad_answer', 'There is more, and no key for it.')
  return { items, next }
}

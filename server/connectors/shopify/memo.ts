import type { MemoInput } from '../answers.ts'
import type { Call } from '../connector.ts'
import { cleanText, type Fields, isFields, listAt, longest, textAt } from '../fields.ts'
import { change } from './client.ts'
import { orderGid } from './fields.ts'
import { orderRow } from './order-row.ts'
import { memoQuery, writeMemo } from './queries.ts'
import { memoKey } from './unverified.ts'

const detailsOf = (order: Fields): Fields[] => listAt(order, 'customAttributes', '').filter(isFields)

const isMemo = (detail: Fields): boolean => textAt(detail, 'key', longest.name) === memoKey

/** The seller's remark of an order. */
export const memoIn = (order: Fields): string => {
  const own = detailsOf(order).find(isMemo)
  return own ? textAt(own, 'value', longest.text).trim() : ''
}

/** Replaces our line of the additional details; the others, which may be the buyer's, are sent again as they are. There are no flags. */
export async function updateMemo(call: Call, { tid, memo }: MemoInput): Promise<void> {
  const { order } = await orderRow(call, memoQuery, tid)
  const wanted = cleanText(memo, longest.text).trim()
  if (memoIn(order) === wanted) return
  const others = detailsOf(order)
    .filter((detail) => !isMemo(detail))
    .map((detail) => ({ key: detail.key, value: detail.value ?? '' }))
  const own = wanted === '' ? [] : [{ key: memoKey, value: wanted }]
  await change(call, writeMemo, { input: { id: orderGid(tid), customAttributes: [...others, ...own] } })
}

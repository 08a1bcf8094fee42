import { sql } from 'kysely'
import { defineList } from '../../core/lists/define.ts'
import { split, wrong } from '../../core/lists/define-query.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { originalFor } from '../../orders/order/relations.ts'
import { dueBefore, refundBound } from '../refunds/lists.ts'
import { afterSalesRow } from './desk-contract.ts'
import { afterSalesRows } from './desk-view.ts'
import { afterSalesList } from './lists-contract.ts'

/** 售后工作台: open refunds that wait for our answer. It uses the indexes of the list of staged refunds. */
export const afterSales = (ring: KeyRing) => {
  const { where, ...bound } = refundBound(ring)
  return defineList(afterSalesList, {
    ...{ tag: 'aftersale', row: afterSalesRow, rows: afterSalesRows, ...bound },
    where: {
      ...where,
      due: () => sql`t.deadline < ${dueBefore()}::timestamptz`,
      original: (asked) => standsAt(choicesOf('original', asked)),
      duty: (asked) =>
        sql`t.duty = any(${choicesOf('duty', asked).map((one) => (one === 'none' ? '' : one))}::text[])`,
    },
  })
}

function choicesOf(key: 'original' | 'duty', asked: string): string[] {
  const { choices } = afterSalesList.filters[key]
  return split(asked).map((one) => (Object.hasOwn(choices, one) ? one : wrong(key)))
}

/**
 * Returns the condition on the state of the refund's original. If the trade has no order, the state is `staged`; if we do not have the
 * trade, it is `no_original`.
 */
function standsAt(names: readonly string[]) {
  const original = originalFor(sql.ref('t.tid'), sql.ref('t.shop_id'), sql.ref('t.refund_no'))
  const standing = sql`(select standing from ${original} as original)`
  const none = sql`case when t.reason = 'no_original' then 'no_original' else 'staged' end`
  return sql`coalesce(${standing}, ${none}) = any(${[...names]}::text[])`
}

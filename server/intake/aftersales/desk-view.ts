import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'
import type { RowFor } from '../../core/db/rows.ts'
import { countOfSubjects } from '../../core/outbox/actions.ts'
import { interceptsOf } from '../../fulfilment/intercepts/intercepts.ts'
import { originalFor } from '../../orders/order/relations.ts'
import type { Original } from '../../orders/refunds/refund-rules.ts'
import { refundRows } from '../staged/refund-view-queries.ts'
import type { AfterSalesRow } from './desk-contract.ts'
import { suggestionOf } from './desk-rules.ts'

type Beside = Pick<
  AfterSalesRow,
  'id' | 'originalId' | 'originalNo' | 'duty' | 'dutyNote' | 'dutyBy' | 'dutyAt'
> & {
  original: Original | null
}

export async function afterSalesRows(db: Database, ids: readonly string[]): Promise<AfterSalesRow[]> {
  const rows = await refundRows(db, ids)
  const found = await sql<RowFor<'staged_refund', Beside>>`
    select r.id, o.id as "originalId", coalesce(o.no, '') as "originalNo", o.standing as original, r.duty,
      r.duty_note as "dutyNote", r.duty_by as "dutyBy", r.duty_at as "dutyAt"
    from unnest(${[...ids]}::bigint[]) i (id)
    join staged_refund r on r.id = i.id
    left join lateral ${originalFor(sql.ref('r.tid'), sql.ref('r.shop_id'), sql.ref('r.refund_no'))} o on true`.execute(
    db,
  )
  const beside = new Map(found.rows.map((row) => [row.id, row]))
  const intercepts = await interceptsOf(
    db,
    found.rows.flatMap(({ originalId }) => (originalId === null ? [] : [originalId])),
  )
  const agreeing = await countOfSubjects(db, 'refund.agree', { type: 'staged_refund', ids }, [
    'pending',
    'sending',
    'unknown',
  ])
  return rows.flatMap((row) => {
    const own = beside.get(row.id)
    if (!own) return []
    const last = intercepts.get(own.originalId ?? '')
    const intercept = last ? { id: last.id, way: last.way, state: last.state } : null
    const facts = { ...row, original: own.original, intercept, agreeing: agreeing.has(row.id) }
    return [{ ...row, ...own, intercept, suggestion: suggestionOf(facts) }]
  })
}

import { sql } from 'kysely'
import { connectorFor } from '../../connectors/index.ts'
import { type Database, preparedStatement } from '../../core/db/db.ts'
import type { RowFor } from '../../core/db/rows.ts'
import { interceptsOf } from '../../fulfilment/intercepts/intercepts.ts'
import { originalFor } from '../../orders/order/relations.ts'
import { agreementsTo } from '../../orders/refunds/refund-notices.ts'
import type { Original } from '../../orders/refunds/refund-rules.ts'
import type { ReceiptWriteBack } from '../../returns/lifecycle.ts'
import { goodsComeFirst, refusalsInEffect } from '../refunds/refund-actions.ts'
import { refundRows } from '../staged/refund-view-queries.ts'
import type { AfterSalesRow } from './desk-contract.ts'
import { type GoodsBack, suggestionOf } from './desk-rules.ts'

type Beside = Pick<
  AfterSalesRow,
  'id' | 'originalId' | 'originalNo' | 'duty' | 'dutyNote' | 'dutyBy' | 'dutyAt'
> & {
  original: Original | null
  platform: string
  openProblems: number | null
  receipt: ReceiptWriteBack | null
}

const writtenBackStates: readonly ReceiptWriteBack[] = ['waiting', 'done', 'forced', 'manual']

export async function afterSalesRows(db: Database, ids: readonly string[]): Promise<AfterSalesRow[]> {
  const rows = await refundRows(db, ids)
  const rest = await sql<RowFor<'staged_refund', Beside>>`${preparedStatement}
    select r.id, o.id as "originalId", coalesce(o.no, '') as "originalNo", o.standing as original, r.duty,
      r.duty_note as "dutyNote", r.duty_by as "dutyBy", r.duty_at as "dutyAt", s.platform,
      t.open_problems as "openProblems", t.told as receipt
    from unnest(${[...ids]}::bigint[]) i (id)
    join staged_refund r on r.id = i.id
    join shop s on s.id = r.shop_id
    left join return_order t on t.shop_id = r.shop_id and t.refund_no = r.refund_no and t.refund_no <> '' and t.received_at is not null
    left join lateral ${originalFor(sql.ref('r.tid'), sql.ref('r.shop_id'), sql.ref('r.refund_no'))} o on true`.execute(
    db,
  )
  const beside = new Map(rest.rows.map((row) => [row.id, row]))
  const intercepts = await interceptsOf(
    db,
    rest.rows.flatMap(({ originalId }) => (originalId === null ? [] : [originalId])),
  )
  const agreements = await agreementsTo(db, rows)
  const agreeing = new Set(agreements.map(keyOf))
  const refusing = await refusalsInEffect(db, rows)
  return rows.flatMap((row) => {
    const found = beside.get(row.id)
    if (!found) return []
    const { platform, openProblems: _, receipt: __, ...own } = found
    const last = intercepts.get(own.originalId ?? '')
    const intercept = last ? { id: last.id, way: last.way, state: last.state } : null
    const suggestion = suggestionOf({
      ...row,
      original: own.original,
      intercept: intercept && { ...intercept, ofThis: last?.refundNo === row.refundNo },
      answering: agreeing.has(keyOf(row)) || refusing.has(row.id),
      goodsFirst: goodsComeFirst({ ...row, platform }),
      goodsBack: goodsBackOf(found),
    })
    return [{ ...row, ...own, intercept, suggestion }]
  })
}

const keyOf = ({ shopId, refundNo }: { shopId: string; refundNo: string }) => `${shopId}/${refundNo}`

function goodsBackOf({ platform, openProblems, receipt }: Beside): GoodsBack | null {
  if (openProblems === null || receipt === null) return null
  const connector = connectorFor(platform)
  const agreesHere = connector?.actions.agreeRefund !== undefined && !connector.paysReturnsThere
  return { openProblems, writtenBack: writtenBackStates.includes(receipt), agreesHere }
}

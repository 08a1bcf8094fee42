import type { ParkedRow as Parked } from '../../../../server/intake/parked/parked-contract.ts'
import type { Json } from '../../ui/base/json.ts'
import { PageLink } from '../../ui/base/page-link.tsx'
import type { LocalizedPair, Say } from '../../words.ts'
import { decisionOf } from '../to-decision.tsx'

export type ParkedRow = Json<Parked>

const reasonWords: Record<string, LocalizedPair> = {
  'no tid': ['没有交易号', 'No trade number'],
  'no order_sn': ['没有订单号', 'No order number'],
  'no refund id': ['没有退款号', 'No refund number'],
  'no modified time': ['没有修改时间', 'No modified time'],
  'no lines': ['没有商品', 'No lines'],
  'too many lines': ['商品行太多', 'Too many lines'],
}

/** Returns the text of a reason. A reason without a text gets a general one; the drawer shows the original. */
export function parkedReasonText(reason: string, say: Say): string {
  return say(reasonWords[reason] ?? ['格式不认识', 'Unknown shape'])
}

/** The document's number, as a link if we have such a document. */
export function ParkedNo({ row }: { row: ParkedRow }) {
  if (row.platformId === '') return <>–</>
  if (row.documentId === null) return <>{row.platformId}</>
  return row.kind === 'trade' ? (
    <PageLink to="/staged-trades" search={{ open: row.documentId }}>
      {row.platformId}
    </PageLink>
  ) : (
    <PageLink to="/staged-refunds" search={decisionOf(row.documentId)}>
      {row.platformId}
    </PageLink>
  )
}

import { refundHistoryList } from '../../../../server/intake/refunds/lists-contract.ts'
import { PageLink } from '../../ui/base/page-link.tsx'
import { listOf } from '../../ui/list/declared.tsx'
import { ListPage } from '../../ui/list/list-page.tsx'
import { useSay } from '../../words.ts'
import { ToDecision } from '../to-decision.tsx'
import type { RefundRow } from '../types.ts'
import { refundCells, refundOutcome } from './refunds.tsx'

const config = listOf<RefundRow>(refundHistoryList, {
  cells: {
    ...refundCells,
    order: (row) =>
      row.orderId ? (
        <PageLink to="/orders" search={{ open: row.orderId }}>
          {row.orderNo}
        </PageLink>
      ) : (
        <div className="cut t3" title={row.tid}>
          {row.tid}
        </div>
      ),
  },
  fixed: { tab: 'history' },
  actions: [],
  nameOf: (row) => row.refundNo,
})

/** 历史退单: decided refunds, with the decision and its user. */
export default function RefundHistoryPage() {
  const say = useSay()
  return (
    <ListPage config={config} outcomeTitle={['结果', 'Outcome']} outcome={(row) => refundOutcome(row, say)}>
      {() => <ToDecision />}
    </ListPage>
  )
}

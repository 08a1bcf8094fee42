import { extraRefundWords } from '../../../server/finance/lifecycle.ts'
import { extraRefundList } from '../../../server/finance/lists-contract.ts'
import { settleVerbs } from '../../../server/orders/settle/verbs-contract.ts'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { ActorName } from '../ui/base/actor-name.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Status } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import type { ExtraRefundRow } from './types.ts'

const cells = {
  order: (row: ExtraRefundRow) => (
    <PageLink to="/orders" search={{ open: row.orderId }}>
      {row.orderNo}
    </PageLink>
  ),
  by: (row: ExtraRefundRow) => <ActorName name={row.createdBy} />,
}

const act = actionsOn<ExtraRefundRow>()

const actions: readonly RowAction<ExtraRefundRow>[] = [
  act(settleVerbs.approveExtraRefunds, {
    batch: undefined,
    letter: 'A',
    confirm: [
      '审核通过 {n} 笔。金额会计入订单已退。',
      'Approve {n}. The {n|amount counts|amounts count} as refunded.',
    ],
    tabs: ['draft'],
  }),
  act(settleVerbs.voidExtraRefunds, {
    batch: undefined,
    letter: 'V',
    danger: true,
    confirm: ['作废 {n} 笔额外退款。', 'Void {n} extra {n|refund|refunds}.'],
    tabs: ['draft'],
  }),
]

const config = listOf<ExtraRefundRow>(extraRefundList, {
  cells,
  actions,
  nameOf: (row) => row.no,
  sumOf: (row) => ({ fen: row.amountFen, pieces: 1 }),
})

/** 额外退款: booked on orders, approved by finance. */
export default function ExtraRefundsPage() {
  const say = useSay()
  return (
    <ListPage
      config={config}
      outcomeTitle={shared.status}
      outcome={(row) => ({
        first: (
          <Status tone={row.status === 'draft' ? 'warn' : row.status === 'approved' ? 'ok' : 'void'}>
            {say(extraRefundWords[row.status])}
          </Status>
        ),
        second: row.decidedBy ?? '',
      })}
    />
  )
}

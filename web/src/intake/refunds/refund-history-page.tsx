import { QuietTime } from '../../ui/base/figures.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import type { Column } from '../../ui/list/data-list.tsx'
import { type ListConfig, ListPage } from '../../ui/list/list-page.tsx'
import { useSay } from '../../words.ts'
import { ToDecision } from '../to-decision.tsx'
import type { RefundRow } from '../types.ts'
import { intakeWords } from '../words.ts'
import { refundColumns, refundFields, refundOutcome } from './refunds.tsx'

const columns: readonly Column<RefundRow>[] = [
  ...refundColumns.filter((column) => column.key !== 'deadline' && column.key !== 'order'),
  {
    key: 'order',
    title: ['销售订单', 'Sales order'],
    width: 'minmax(130px,160fr)',
    cell: (row) =>
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
  {
    key: 'at',
    title: ['处理时间', 'Decided at'],
    width: '100px',
    align: 'right',
    sort: 'stateAt',
    cell: (row) => <QuietTime at={row.stateAt} />,
  },
]

const config: ListConfig<RefundRow> = {
  name: 'refund-history',
  path: '/staged-refunds',
  title: intakeWords.refundHistory,
  tabs: [
    {
      key: 'history',
      title: ['历史', 'History'],
      empty: {
        title: ['还没有处理过的退款', 'No refund was decided yet'],
        remedy: [
          '转退单、拒绝或标为已处理之后在这里查。',
          'Converted, refused and processed refunds are found here.',
        ],
      },
    },
  ],
  fixed: { tab: 'history' },
  fields: refundFields,
  columns,
  sort: '-stateAt',
  actions: [],
  nameOf: (row) => row.refundNo,
}

/** 历史退单: decided refunds, with the decision and its user. */
export default function RefundHistoryPage() {
  const say = useSay()
  return (
    <ListPage config={config} outcomeTitle={['结果', 'Outcome']} outcome={(row) => refundOutcome(row, say)}>
      {() => <ToDecision />}
    </ListPage>
  )
}

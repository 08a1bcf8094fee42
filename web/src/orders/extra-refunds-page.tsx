import { pair } from '../../../server/core/verbs-contract.ts'
import { extraRefundKinds, extraRefundWords } from '../../../server/finance/lifecycle.ts'
import { settleVerbs } from '../../../server/orders/settle/verbs-contract.ts'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { ActorName } from '../ui/base/actor-name.tsx'
import { CutText, Money, QuietTime } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Status } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import type { Column } from '../ui/list/data-list.tsx'
import type { Field } from '../ui/list/filters.ts'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import type { ExtraRefundRow } from './types.ts'

const fields: readonly Field[] = [
  { key: 'shop', label: shared.shop, kind: 'shops' },
  { key: 'orderId', label: ['指定的订单', 'Given order'], kind: 'text', linked: true },
]

const columns: readonly Column<ExtraRefundRow>[] = [
  { key: 'no', title: ['单号', 'No.'], width: 'minmax(140px,150fr)', fixed: true, cell: (row) => row.no },
  {
    key: 'order',
    title: ['销售订单', 'Sales order'],
    width: 'minmax(140px,150fr)',
    cell: (row) => (
      <PageLink to="/orders" search={{ open: row.orderId }}>
        {row.orderNo}
      </PageLink>
    ),
  },
  {
    key: 'kind',
    title: ['类型', 'Type'],
    width: 'minmax(90px,100fr)',
    cell: (row) => <KindWord kind={row.kind} />,
  },
  {
    key: 'amount',
    title: ['金额 ¥', 'Amount ¥'],
    width: '100px',
    align: 'right',
    cell: (row) => <Money fen={row.amountFen} />,
  },
  {
    key: 'reason',
    title: ['原因', 'Reason'],
    width: 'minmax(160px,260fr)',
    cell: (row) => <CutText text={row.reason} />,
  },
  {
    key: 'by',
    title: ['登记', 'Booked by'],
    width: 'minmax(90px,100fr)',
    cell: (row) => <ActorName name={row.createdBy} />,
  },
  {
    key: 'at',
    title: ['登记时间', 'Booked at'],
    width: '104px',
    align: 'right',
    cell: (row) => <QuietTime at={row.createdAt} />,
  },
]

function KindWord({ kind }: { kind: ExtraRefundRow['kind'] }) {
  const say = useSay()
  return <>{say(extraRefundKinds[kind])}</>
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

const config: ListConfig<ExtraRefundRow> = {
  name: 'extra-refunds',
  path: '/extra-refunds',
  title: ['额外退款', 'Extra refunds'],
  tabKey: 'status',
  tabs: [
    {
      key: 'draft',
      title: pair(extraRefundWords.draft),
      empty: {
        title: ['没有待审核的额外退款', 'No extra refunds to approve'],
        remedy: ['在退单或订单里按 E 登记。', 'Press E on a refund or order to book one.'],
      },
    },
    { key: 'approved', title: pair(extraRefundWords.approved) },
    { key: 'voided', title: pair(extraRefundWords.voided) },
  ],
  fields,
  columns,
  sort: '',
  actions,
  nameOf: (row) => row.no,
  sumOf: (row) => ({ fen: row.amountFen, pieces: 1 }),
}

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

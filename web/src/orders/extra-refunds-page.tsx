import { Link } from '@tanstack/react-router'
import type { RowAction } from '../ui/actions.ts'
import { ReasonDialog } from '../ui/confirm.tsx'
import type { Column } from '../ui/data-list.tsx'
import { Money, Time } from '../ui/figures.tsx'
import type { Field } from '../ui/filters.ts'
import { ListPage, type ListConfig } from '../ui/list-page.tsx'
import { Status } from '../ui/status.tsx'
import { shared } from '../ui/words.ts'
import { useSay } from '../words.ts'
import type { ExtraRefundRow } from './types.ts'
import { extraRefundKinds, extraRefundStates } from './words.ts'

const fields: readonly Field[] = [
  { key: 'shop', label: shared.shop, kind: 'shops' },
  { key: 'kind', label: ['类型', 'Type'], kind: 'options', options: Object.entries(extraRefundKinds).map(([value, label]) => ({ value, label })) },
  { key: 'q', label: ['搜索', 'Search'], kind: 'text', hint: ['单号或订单号', 'Its number or the order’s'] },
]

const columns: readonly Column<ExtraRefundRow>[] = [
  { key: 'no', title: ['单号', 'No.'], width: 'minmax(140px,150fr)', fixed: true, cell: (row) => row.no },
  { key: 'order', title: ['销售订单', 'Sales order'], width: 'minmax(140px,150fr)', cell: (row) => <Link to="/orders" search={{ open: row.orderId }}>{row.orderNo}</Link> },
  { key: 'kind', title: ['类型', 'Type'], width: 'minmax(90px,100fr)', cell: (row) => <KindWord kind={row.kind} /> },
  { key: 'amount', title: ['金额 ¥', 'Amount ¥'], width: '100px', align: 'right', cell: (row) => <Money fen={row.amountFen} /> },
  { key: 'reason', title: ['原因', 'Reason'], width: 'minmax(160px,260fr)', cell: (row) => <div className="cut" title={row.reason}>{row.reason}</div> },
  { key: 'by', title: ['登记', 'Booked by'], width: 'minmax(90px,100fr)', cell: (row) => <div className="cut t2">{row.createdBy}</div> },
  { key: 'at', title: ['登记时间', 'Booked at'], width: '104px', align: 'right', cell: (row) => <span className="t2"><Time at={row.createdAt} /></span> },
]

function KindWord({ kind }: { kind: string }) {
  const say = useSay()
  const words = extraRefundKinds[kind]
  return <>{words ? say(words) : kind}</>
}

const actions: readonly RowAction<ExtraRefundRow>[] = [
  {
    batch: 'extra_refunds.approve',
    path: '/extra-refunds/approve',
    words: ['审核通过', 'Approve'],
    letter: 'A',
    permission: 'refunds.extra_approve',
    done: ['审核 {n} 笔', '{n} approved'],
    confirm: ['审核通过 {n} 笔。金额会计入订单已退。', 'Approve {n}. The amounts count as refunded.'],
    tabs: ['draft'],
  },
  {
    batch: 'extra_refunds.void',
    path: '/extra-refunds/void',
    words: ['作废', 'Void'],
    letter: 'V',
    permission: 'refunds.extra_approve',
    danger: true,
    done: ['作废 {n} 笔', '{n} voided'],
    tabs: ['draft'],
    input: ({ count, onSubmit, onClose }) => <ReasonDialog danger title={['作废 {n} 笔', 'Void {n}']} act={['作废 {n} 笔', 'Void {n}']} count={count} onSubmit={(reason) => onSubmit({ reason })} onClose={onClose} />,
  },
]

const config: ListConfig<ExtraRefundRow> = {
  name: 'extra-refunds',
  path: '/extra-refunds',
  title: ['部分退款', 'Extra refunds'],
  tabs: [
    { key: 'draft', title: extraRefundStates['draft'] ?? ['', ''], empty: { title: ['没有待审核的部分退款', 'No extra refunds to approve'], remedy: ['在退单或订单里按 E 登记。', 'Press E on a refund or order to book one.'] } },
    { key: 'approved', title: extraRefundStates['approved'] ?? ['', ''] },
    { key: 'voided', title: extraRefundStates['voided'] ?? ['', ''] },
  ],
  fields,
  columns,
  sort: '',
  actions,
  nameOf: (row) => row.no,
  sumOf: (row) => ({ fen: row.amountFen, pieces: 1 }),
}

/** 部分退款: booked on orders, approved by finance. */
export default function ExtraRefundsPage() {
  const say = useSay()
  return (
    <ListPage
      config={config}
      outcomeTitle={shared.status}
      outcome={(row) => ({
        first: <Status tone={row.status === 'draft' ? 'warn' : row.status === 'approved' ? 'ok' : 'void'}>{say(extraRefundStates[row.status] ?? [row.status, row.status])}</Status>,
        second: row.decidedBy ?? '',
      })}
    />
  )
}

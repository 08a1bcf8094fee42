import {
  type SettlementEvent,
  settlementKindNames,
  settlementKinds,
  settlementStatusWords,
  whyNotSettlement,
} from '../../../server/finance/lifecycle.ts'
import { settlementVerbs } from '../../../server/finance/verbs-contract.ts'
import { settleVerbs } from '../../../server/orders/settle/verbs-contract.ts'
import { Cut, ShopLabel, Two } from '../intake/cells.tsx'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { ActorName } from '../ui/base/actor-name.tsx'
import { Money, Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import type { Column } from '../ui/list/data-list.tsx'
import type { Field } from '../ui/list/filters.ts'
import { ReasonDialog } from '../ui/overlay/confirm.tsx'
import { type Say, useSay } from '../words.ts'
import type { SettlementRow } from './types.ts'

const tones: Record<SettlementRow['status'], Tone> = {
  draft: 'warn',
  approved: 'move',
  posted: 'move',
  settled: 'ok',
  voided: 'void',
}

export const settlementFields: readonly Field[] = [
  { key: 'shop', label: shared.shop, kind: 'shops' },
  {
    key: 'kind',
    label: ['类型', 'Type'],
    kind: 'options',
    options: settlementKindNames.map((value) => ({ value, label: settlementKinds[value] })),
  },
  { key: 'created', label: ['时间', 'Time'], kind: 'period' },
  {
    key: 'q',
    label: ['搜索', 'Search'],
    kind: 'text',
    hint: ['结算单号、订单号、交易号、退款编号', 'Settlement, order, trade or refund no.'],
  },
  { key: 'numbers', label: ['一批单号', 'Numbers'], kind: 'numbers' },
  { key: 'ids', label: ['指定的结算单', 'Given settlements'], kind: 'numbers' },
  { key: 'orderId', label: ['指定的订单', 'Given order'], kind: 'text', linked: true },
]

export const settlementColumns: readonly Column<SettlementRow>[] = [
  {
    key: 'no',
    title: ['结算单 / 店铺', 'Settlement / shop'],
    width: 'minmax(150px,170fr)',
    fixed: true,
    cell: (row, compact) =>
      compact ? row.no : <Two first={row.no} second={<ShopLabel id={row.shopId} />} />,
  },
  {
    key: 'kind',
    title: ['类型', 'Type'],
    width: 'minmax(100px,120fr)',
    cell: (row) => <KindWord kind={row.kind} />,
  },
  {
    key: 'amount',
    title: ['金额 ¥', 'Amount ¥'],
    width: '120px',
    align: 'right',
    cell: (row) => (
      <span className={row.status === 'voided' ? 't3' : undefined}>
        <Money fen={row.amountFen} />
      </span>
    ),
  },
  {
    key: 'order',
    title: ['销售订单 / 交易', 'Order / trade'],
    width: 'minmax(160px,180fr)',
    cell: (row, compact) =>
      compact ? <OrderLink row={row} /> : <Two first={<OrderLink row={row} />} second={row.tid} />,
  },
  {
    key: 'source',
    title: ['来源单号', 'Source'],
    width: 'minmax(150px,170fr)',
    cell: (row) => (row.source === row.orderNo ? <span className="t3">–</span> : <Cut>{row.source}</Cut>),
  },
  {
    key: 'createdBy',
    title: ['产生', 'Made by'],
    width: 'minmax(80px,100fr)',
    cell: (row) => <ActorName name={row.createdBy} />,
  },
  {
    key: 'createdAt',
    title: ['时间', 'Time'],
    width: '104px',
    align: 'right',
    sort: 'createdAt',
    cell: (row) => (
      <span className="t2">
        <Time at={row.createdAt} />
      </span>
    ),
  },
]

function KindWord({ kind }: { kind: SettlementRow['kind'] }) {
  const say = useSay()
  return <>{say(settlementKinds[kind])}</>
}

function OrderLink({ row }: { row: SettlementRow }) {
  const say = useSay()
  if (row.orderId === null) return <span className="t3">{say(['没有转单', 'Not converted'])}</span>
  return (
    <PageLink to="/orders" search={{ tab: 'all', q: row.orderNo, open: row.orderId }}>
      {row.orderNo}
    </PageLink>
  )
}

/** Returns the settlement's step and the user of the last step; for a voided one the reason. */
export function standingOf(row: SettlementRow, say: Say): { first: React.ReactNode; second: string } {
  const words = settlementStatusWords[row.status]
  const by = row.settledBy ?? row.postedBy ?? row.approvedBy ?? ''
  const second =
    row.status !== 'voided' ? by : row.withdrawn ? say(['不再应收应退', 'Owed no more']) : row.voidReason
  return {
    first: <Status tone={tones[row.status]}>{say(row.withdrawn ? withdrawnWords : words)}</Status>,
    second,
  }
}
const withdrawnWords = { zh: '已撤回', en: 'Withdrawn' }

const why = (event: SettlementEvent) => (row: SettlementRow, say: Say) => {
  const refusal = whyNotSettlement(row, event)
  return refusal && say(refusal.message)
}

const act = actionsOn<SettlementRow>()

/** The steps of a settlement, each offered in the tab of the settlements that can take it. */
export const settlementActions: readonly RowAction<SettlementRow>[] = [
  act(settlementVerbs.approve, {
    letter: 'A',
    primary: true,
    tabs: ['draft', 'all'],
    why: why('approve'),
  }),
  act(settlementVerbs.post, {
    letter: 'P',
    primary: true,
    confirm: ['记账 {n} 张。记账后不能反审批。', 'Post {n}. Posted ones cannot be taken back.'],
    tabs: ['approved', 'all'],
    why: why('post'),
  }),
  act(settlementVerbs.settle, {
    letter: 'S',
    primary: true,
    confirm: ['结算 {n} 张：钱已到账或已退出。', 'Settle {n}: the money has come in or gone out.'],
    tabs: ['posted', 'all'],
    why: why('settle'),
  }),
  act(settlementVerbs.unapprove, {
    letter: 'U',
    confirm: ['反审批 {n} 张，回到未审批。', '{n} become drafts again.'],
    tabs: ['approved', 'all'],
    why: why('unapprove'),
  }),
  act(settlementVerbs.void, {
    letter: 'V',
    danger: true,
    tabs: ['draft', 'all'],
    why: why('void'),
    input: ({ count, onSubmit, onClose }) => (
      <ReasonDialog
        title={['作废 {n} 张结算单', 'Void {n} settlements']}
        act={['作废 {n} 张', 'Void {n}']}
        count={count}
        onSubmit={(reason) => onSubmit({ reason })}
        onClose={onClose}
      />
    ),
  }),
  act(settleVerbs.revive, {
    letter: 'R',
    confirm: [
      '恢复 {n} 张：回到未审批，金额按现在应收应退的。',
      'Revive {n}: drafts again, with what is owed by now.',
    ],
    tabs: ['voided', 'all'],
    why: why('revive'),
  }),
]

import {
  type SettlementEvent,
  settlementStatusWords,
  whyNotSettlement,
} from '../../../server/finance/lifecycle.ts'
import { settlementVerbs } from '../../../server/finance/verbs-contract.ts'
import { settleVerbs } from '../../../server/orders/settle/verbs-contract.ts'
import { Cut, ShopLabel, Two } from '../intake/cells.tsx'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { ActorName } from '../ui/base/actor-name.tsx'
import { Money } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
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

export const settlementCells = {
  no: (row: SettlementRow, compact: boolean) =>
    compact ? row.no : <Two first={row.no} second={<ShopLabel id={row.shopId} />} />,
  amount: (row: SettlementRow) => (
    <span className={row.status === 'voided' ? 't3' : undefined}>
      <Money fen={row.amountFen} />
    </span>
  ),
  order: (row: SettlementRow, compact: boolean) =>
    compact ? <OrderLink row={row} /> : <Two first={<OrderLink row={row} />} second={row.tid} />,
  source: (row: SettlementRow) =>
    row.source === row.orderNo ? <span className="t3">–</span> : <Cut>{row.source}</Cut>,
  createdBy: (row: SettlementRow) => <ActorName name={row.createdBy} />,
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

/** Returns the settlement's status and the user of the last step; for a voided one the reason. */
export function standingOf(row: SettlementRow, say: Say): { first: React.ReactNode; second: string } {
  const words = settlementStatusWords[row.status]
  const by = row.settledBy ?? row.postedBy ?? row.approvedBy ?? ''
  const second =
    row.status !== 'voided' ? by : row.withdrawn ? say(['不再应收应退', 'No longer owed']) : row.voidReason
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

/** The steps of a settlement. Each is offered in the tab of settlements that can take it. */
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

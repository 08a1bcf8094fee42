import type { Refusal } from '../../../server/core/decide.ts'
import {
  type GapCause,
  gapCauseWords,
  reconciliationStateLabels,
  whyNotExplained,
  whyNotReopened,
} from '../../../server/finance/recon-lifecycle.ts'
import { billVerbs } from '../../../server/finance/verbs-contract.ts'
import { ShopLabel, Two } from '../intake/cells.tsx'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { Money } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { ReasonDialog } from '../ui/overlay/confirm.tsx'
import { type LocalizedPair, type Say, useSay } from '../words.ts'
import type { BillTradeRow } from './types.ts'

const tones: Record<BillTradeRow['standing'], Tone> = {
  open: 'bad',
  explained: 'idle',
  later: 'move',
  even: 'ok',
}

/** Receipts, and below them refunds. */
function Sides({ inFen, outFen, compact }: { inFen: number; outFen: number; compact: boolean }) {
  if (compact) return <Money fen={inFen + outFen} />
  return <Two first={<Money fen={inFen} />} second={outFen === 0 ? '' : <Money fen={outFen} />} />
}

export const billCells = {
  tid: (row: BillTradeRow, compact: boolean) =>
    compact ? row.tid : <Two first={row.tid} second={<ShopLabel id={row.shopId} />} />,
  cause: (row: BillTradeRow) => <CauseWord cause={row.cause} />,
  bill: (row: BillTradeRow, compact: boolean) => (
    <Sides inFen={row.billInFen} outFen={row.billOutFen} compact={compact} />
  ),
  own: (row: BillTradeRow, compact: boolean) => (
    <Sides inFen={row.ownInFen} outFen={row.ownOutFen} compact={compact} />
  ),
  gap: (row: BillTradeRow) => (
    <b className={row.standing === 'open' ? 'ink-bad' : undefined}>
      <Money fen={row.gapFen} />
    </b>
  ),
}

export function CauseWord({ cause }: { cause: BillTradeRow['cause'] }) {
  const say = useSay()
  return cause === '' ? <span className="t3">–</span> : say(gapCauseWords[cause])
}

/** What a user should do about each cause of a difference. */
const remedies: Record<GapCause, LocalizedPair> = {
  not_ours: ['查是不是漏了订单；不是就按 E 说明', 'Find its order, or explain: E'],
  not_theirs: ['等下一期账单，或查漏导；再按 E 说明', 'Wait for a bill, or explain: E'],
  amount: ['对两边的明细，再按 E 说明', 'Compare both sides, explain: E'],
  later_day: ['到账不在同一天，不用处理', 'Paid on another day: nothing to do'],
}

/** Returns the trade's reconciliation state, with the remedy or the user's explanation. */
export function billStandingOf(row: BillTradeRow, say: Say): { first: React.ReactNode; second: string } {
  return {
    first: <Status tone={tones[row.standing]}>{say(reconciliationStateLabels[row.standing])}</Status>,
    second:
      row.standing === 'open' && row.cause !== ''
        ? say(remedies[row.cause])
        : [row.explainedWhy, row.explainedBy].filter(Boolean).join(' · '),
  }
}

const refused = (why: Refusal | undefined, say: Say) => why && say(why.message)

const act = actionsOn<BillTradeRow>()

export const billActions: readonly RowAction<BillTradeRow>[] = [
  act(billVerbs.explain, {
    letter: 'E',
    primary: true,
    tabs: ['open', 'all'],
    why: (row, say) => refused(whyNotExplained(row.standing), say),
    input: ({ count, onSubmit, onClose }) => (
      <ReasonDialog
        title={['说明 {n} 笔差异', 'Explain {n} {n|difference|differences}']}
        act={['说明 {n} 笔', 'Explain {n}']}
        count={count}
        onSubmit={(reason) => onSubmit({ reason })}
        onClose={onClose}
      />
    ),
  }),
  act(billVerbs.reopen, {
    letter: 'U',
    tabs: ['explained', 'all'],
    why: (row, say) => refused(whyNotReopened(row.standing), say),
  }),
]

import { refundStatusWords } from '../../../../server/connectors/words-contract.ts'
import { reasonWords } from '../../../../server/intake/lifecycle.ts'
import { refundList } from '../../../../server/intake/refunds/lists-contract.ts'
import { refundVerbs } from '../../../../server/intake/verbs-contract.ts'
import { actionsOn, type RowAction } from '../../ui/act/actions.ts'
import type { WholeAct } from '../../ui/act/whole-acts.tsx'
import { actorText } from '../../ui/base/actor.ts'
import { Countdown, shortNo } from '../../ui/base/figures.tsx'
import { platformErrorText } from '../../ui/base/platform-error.ts'
import { Status, type Tone } from '../../ui/base/status.tsx'
import { listOf } from '../../ui/list/declared.tsx'
import { type LocalizedPair, type Say, useSay } from '../../words.ts'
import { RefundGoods, ShopLabel, Two } from '../cells.tsx'
import { doubtText, TakeDialog, whyNotTaken } from '../doubts.tsx'
import type { RefundRow } from '../types.ts'
import { refundTypeWords } from '../words.ts'

/** Returns the deadline; null if the refund does not wait for an answer of ours. */
export function deadlineOf(row: Pick<RefundRow, 'state' | 'status' | 'deadline'>): string | null {
  if (row.state === 'refusing' || row.state === 'refused') return null
  return row.status === 'applied' || row.status === 'agreed' ? row.deadline : null
}

export function refundVerdict(row: RefundRow, say: Say): { tone: Tone; first: string; second: string } {
  if (row.error !== '')
    return {
      tone: 'bad',
      first: say(['写回失败', 'Write-back failed']),
      second: platformErrorText(row.error, say),
    }
  if (row.state === 'refusing') return { tone: 'move', first: say(['拒绝中', 'Refusing']), second: '' }
  if (row.state === 'refused')
    return { tone: 'ok', first: say(['已拒绝', 'Refused']), second: actorText(row.stateBy, say) }
  if (row.state === 'converted')
    return { tone: 'ok', first: say(['已转退单', 'Converted']), second: actorText(row.stateBy, say) }
  if (row.state === 'processed')
    return { tone: 'void', first: say(['已处理', 'Processed']), second: actorText(row.stateBy, say) }
  const reason = Object.entries(reasonWords).find(([name]) => name === row.reason)?.[1]
  if (reason)
    return {
      tone: row.reason === 'no_original' ? 'bad' : 'ring',
      first: say(reason),
      second:
        row.reason === 'doubtful' && row.doubts[0]
          ? doubtText(row.doubts[0], say)
          : say([reason.zhRemedy, reason.enRemedy]),
    }
  if (row.status === 'agreed') return { tone: 'ring', first: say(refundStatusWords.agreed), second: '' }
  return {
    tone: row.status === 'applied' ? 'warn' : 'idle',
    first: row.status === 'applied' ? say(['待处理', 'Open']) : say(refundStatusWords[row.status]),
    second: '',
  }
}

/** The cells of both lists of refunds that are not plain values. */
export const refundCells = {
  no: (row: RefundRow, compact: boolean) =>
    compact ? row.refundNo : <Two first={row.refundNo} second={<ShopLabel id={row.shopId} />} />,
  type: (row: RefundRow) => <TypeWord row={row} />,
  goods: (row: RefundRow, compact: boolean) => <RefundGoods row={row} compact={compact} />,
  deadline: (row: RefundRow) => <Countdown to={deadlineOf(row)} />,
  order: (row: RefundRow) => (
    <div className="cut t2" title={row.orderNo || row.tid}>
      {row.orderNo || shortNo(row.tid, 10)}
    </div>
  ),
}

function TypeWord({ row }: { row: RefundRow }) {
  const words = refundTypeWords(row.kind, row.phase)
  return (
    <div className="cut t2">
      <Said words={words} />
    </div>
  )
}

function Said({ words }: { words: LocalizedPair }) {
  return <>{useSay()(words)}</>
}

export function refundOutcome(row: RefundRow, say: Say) {
  const { tone, first, second } = refundVerdict(row, say)
  return { first: <Status tone={tone}>{first}</Status>, second }
}

const act = actionsOn<RefundRow>()

export const processConfirm = [
  '标为已处理 {n} 笔，不动订单也不动平台。买家改金额、类型或商品并再申请时会回来。',
  'Mark {n} processed: neither order nor platform is touched. It comes back if the buyer changes it and asks again.',
] as const

export const refundActions = {
  convert: act(refundVerbs.convert, {
    letter: 'C',
    able: { list: '/staged-refunds', filter: { reason: 'none' } },
    tabs: ['open', 'due', 'no_original'],
    why: (row, say) => {
      const reason = Object.entries(reasonWords).find(([name]) => name === row.reason)?.[1]
      return reason
        ? say([`${reason.zh}。${reason.zhRemedy}。`, `${reason.en}. ${reason.enRemedy}.`])
        : undefined
    },
  }),
  take: act(refundVerbs.acceptDoubts, {
    tabs: ['open', 'due', 'no_original', 'history'],
    seen: true,
    why: whyNotTaken,
    input: (asked) => <TakeDialog {...asked} nameOf={(row) => row.refundNo} />,
  }),
  process: act(refundVerbs.process, {
    letter: 'P',
    confirm: processConfirm,
    tabs: ['open', 'due', 'no_original'],
  }),
  unprocess: act(refundVerbs.unprocess, {
    letter: 'U',
    tabs: ['processed'],
  }),
} satisfies Record<string, RowAction<RefundRow>>

export const convertAll: readonly WholeAct<RefundRow>[] = ['open', 'due'].map((tab) => ({
  name: 'convert-all',
  words: ['批量转退单', 'Convert all'],
  action: refundActions.convert,
  tab,
}))

export const refundConfig = listOf<RefundRow>(refundList, {
  cells: refundCells,
  actions: [refundActions.convert, refundActions.take, refundActions.process, refundActions.unprocess],
  whole: convertAll,
  nameOf: (row) => row.refundNo,
  sumOf: (row) => ({ fen: row.amountFen, pieces: row.quantity }),
})

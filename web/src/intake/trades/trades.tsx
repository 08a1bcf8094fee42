import { tradeHoldWords } from '../../../../server/connectors/words-contract.ts'
import { reasonWords } from '../../../../server/intake/lifecycle.ts'
import { tradeVerbs } from '../../../../server/intake/verbs-contract.ts'
import { actionsOn, type FormProps, type RowAction } from '../../ui/act/actions.ts'
import { actorText } from '../../ui/base/actor.ts'
import { Countdown, shortNo } from '../../ui/base/figures.tsx'
import { Status, type Tone } from '../../ui/base/status.tsx'
import { clock } from '../../ui/base/time.ts'
import { Confirm } from '../../ui/overlay/confirm.tsx'
import { type Say, useSay } from '../../words.ts'
import { GoodsOf, MessageCell, ReceiverCell, ShopLabel, Two } from '../cells.tsx'
import { doubtText, TakeDialog, whyNotTaken } from '../doubts.tsx'
import type { TradeRow } from '../types.ts'
import { fetchErrorText, noteText, intakeWords as words } from '../words.ts'

/** Renders the columns of staged trades and of their history that are not plain values. */
export const tradeCells = {
  tid: (row: TradeRow) => (
    <Two first={<span title={row.tid}>{shortNo(row.tid, 17)}</span>} second={<ShopLabel id={row.shopId} />} />
  ),
  no: (row: TradeRow) => <span title={row.tid}>{shortNo(row.tid)}</span>,
  receiver: (row: TradeRow, compact: boolean) => <ReceiverCell row={row} compact={compact} />,
  goods: (row: TradeRow, compact: boolean) => <GoodsOf row={row} compact={compact} />,
  message: (row: TradeRow, compact: boolean) => <MessageCell row={row} compact={compact} />,
  shipBy: (row: TradeRow) => <Countdown to={row.shipBy} />,
}

const reasonTones: Record<string, Tone> = {
  fetching: 'move',
  final_unpaid: 'ring',
  not_paid: 'ring',
  closed: 'void',
  all_refunded: 'void',
  before_go_live: 'idle',
  shipped_elsewhere: 'idle',
  unknown_status: 'bad',
  doubtful: 'bad',
}

export function convertible(row: TradeRow, say: Say): { first: React.ReactNode; second: string } {
  const { tone, first, second } = verdictOf(row, say)
  return {
    first: <Status tone={tone}>{tone === 'ok' ? <span className="t2">{first}</span> : first}</Status>,
    second,
  }
}

function verdictOf(row: TradeRow, say: Say): { tone: Tone; first: string; second: string } {
  if (row.state === 'converted')
    return { tone: 'ok', first: row.orderNo, second: actorText(row.stateBy, say) }
  if (row.state === 'processed')
    return {
      tone: 'void',
      first: say(['已处理', 'Processed']),
      second: [actorText(row.stateBy, say), noteText(row.note, say)].filter(Boolean).join(' · '),
    }
  if (row.fetch && row.fetch.error !== '') {
    const again = say(['{n} 次 · {at} 再取', '{n} {n|try|tries} · next {at}'], {
      n: row.fetch.tries,
      at: clock(row.fetch.nextAt),
    })
    return {
      tone: 'bad',
      first: say(words.detailFailed),
      second: `${again} · ${fetchErrorText(row.fetch.error, say)}`,
    }
  }
  if (row.state === 'fetching') return { tone: 'move', first: say(reasonWords.fetching), second: '' }
  if (row.reason === '') return { tone: 'ok', first: say(words.ready), second: '' }
  const reason = Object.entries(reasonWords).find(([name]) => name === row.reason)?.[1]
  const detail =
    row.reason === 'platform_hold'
      ? row.holds
          .map((hold) => (tradeHoldWords[hold] ? say(tradeHoldWords[hold]) : hold))
          .join(say(['、', ', ']))
      : row.reason === 'doubtful' && row.doubts[0]
        ? doubtText(row.doubts.find(({ taken }) => !taken) ?? row.doubts[0], say)
        : row.reason === 'duplicate' && reason
          ? [row.orderNo, say([reason.zhRemedy, reason.enRemedy])].join(say(['：', ': ']))
          : ''
  return {
    tone: reasonTones[row.reason] ?? 'warn',
    first: reason ? say(reason) : row.reason,
    second: detail || (reason ? say([reason.zhRemedy, reason.enRemedy]) : ''),
  }
}

const reasonWhy = (row: TradeRow, say: Say): string | undefined => {
  const { tone, first, second } = verdictOf(row, say)
  return tone === 'ok' ? undefined : [first, second].filter(Boolean).join(say(['。', '. ']))
}

/** Returns the link to the new orders, whose order numbers the verb has returned. */
const ordersMade = (orders: readonly string[], trades: readonly TradeRow[]) =>
  orders.length === 1
    ? `/orders?q=${orders[0]}`
    : `/orders?tab=all&tids=${trades.map(({ tid }) => tid).join(',')}`

const act = actionsOn<TradeRow>()

export const tradeActions = {
  convert: act(tradeVerbs.convert, {
    letter: 'C',
    able: { list: '/staged-trades', filter: { reason: 'none' } },
    made: { words: ['看销售订单', 'View the orders'], to: ordersMade },
    tabs: ['staged', 'blocked'],
    why: reasonWhy,
  }),
  record: act(tradeVerbs.convert, {
    words: ['转为记录', 'Convert as record'],
    done: ['{n} 条转为记录，不动库存', '{n} converted as {n|a record|records}, without stock'],
    name: 'record',
    made: { words: ['看销售订单', 'View the orders'], to: ordersMade },
    tabs: ['blocked'],
    why: (row, say) =>
      row.reason === 'shipped_elsewhere'
        ? undefined
        : say(['只用于已在别处发货的交易', 'Only for trades that were shipped elsewhere']),
    input: (asked) => <RecordConfirm {...asked} />,
  }),
  instead: act(tradeVerbs.convertInstead, {
    confirm: [
      '这 {n} 条以平台交易为准：同号的手工或导入单作废，交易转单。已发货的不动。',
      'For these {n} the trade counts: the orders of our own with their numbers are voided, the trades convert. What was shipped stays.',
    ],
    tabs: ['blocked'],
    why: (row, say) =>
      row.reason === 'duplicate'
        ? undefined
        : say(['只用于有同号单的交易', 'Only trades that have an order here']),
  }),
  take: act(tradeVerbs.acceptDoubts, {
    tabs: ['blocked'],
    seen: true,
    why: whyNotTaken,
    input: (asked) => <TakeDialog {...asked} nameOf={(row) => row.tid} />,
  }),
  process: act(tradeVerbs.process, {
    letter: 'P',
    undo: tradeVerbs.unprocess,
    confirm: ['这 {n} 条不再下载，可撤销。', 'These {n} come back through no channel until undone.'],
    tabs: ['staged', 'blocked', 'fetching'],
  }),
  remove: act(tradeVerbs.remove, {
    letter: 'R',
    danger: true,
    confirm: [
      '移除 {n} 条。下一次交易下载会重新取它们，带买家的最新改动。',
      'Remove {n}. The next download fetches them again with the latest changes.',
    ],
    tabs: ['staged', 'blocked', 'fetching'],
  }),
  unprocess: act(tradeVerbs.unprocess, {
    letter: 'U',
    tabs: ['processed'],
  }),
} satisfies Record<string, RowAction<TradeRow>>

function RecordConfirm(props: FormProps<'/staged-trades/convert'>) {
  const say = useSay()
  const title = say(['{n} 条转为记录', 'Convert {n} as {n|a record|records}'], { n: props.count })
  return (
    <Confirm
      title={title}
      act={title}
      onConfirm={() => props.onSubmit({ asRecord: true })}
      onClose={props.onClose}
    >
      <p>
        {say([
          '已在别处发货的交易只留一份销售订单作记录，不占库存，也不会再发。其他的会写明原因，不转。',
          'Trades that were shipped elsewhere become orders for the record: no stock, nothing is shipped again. Others are refused with their reason.',
        ])}
      </p>
    </Confirm>
  )
}

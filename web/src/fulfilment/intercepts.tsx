import {
  type InterceptEvent,
  interceptStateWords,
  interceptWayWords,
  whyNotIntercept,
} from '../../../server/fulfilment/intercepts/intercept-lifecycle.ts'
import { writeBackWords } from '../../../server/fulfilment/lifecycle.ts'
import { interceptVerbs } from '../../../server/fulfilment/verbs-contract.ts'
import { Cut, GoodsOf, ReceiverCell, ShopLabel, Two } from '../intake/cells.tsx'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { actorText } from '../ui/base/actor.ts'
import { Countdown } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import type { LocalizedPair, Say } from '../words.ts'
import { NoteDialog } from './note-dialog.tsx'
import { useCourierName } from './query.ts'
import type { InterceptRow } from './types.ts'

const tones: Record<InterceptRow['state'], Tone> = {
  open: 'bad',
  asked: 'warn',
  pulled: 'ok',
  returned: 'ok',
  missed: 'idle',
  money: 'idle',
  lifted: 'void',
}

const askWords = {
  account: ['快递100 去拦', '快递100 asks'],
  hand: ['自己联系快递', 'You ask'],
} satisfies Record<string, LocalizedPair>

export const interceptCells = {
  waybill: (row: InterceptRow, compact: boolean) => <Waybill row={row} compact={compact} />,
  no: (row: InterceptRow, compact: boolean) =>
    compact ? row.deliveryNo : <Two first={row.deliveryNo} second={<ShopLabel id={row.shopId} />} />,
  order: (row: InterceptRow, compact: boolean) =>
    compact ? row.orderNo : <Two first={row.orderNo} second={row.refundNo} />,
  receiver: (row: InterceptRow, compact: boolean) => <ReceiverCell row={row} compact={compact} />,
  goods: (row: InterceptRow, compact: boolean) => <GoodsOf row={row} compact={compact} />,
  deadline: (row: InterceptRow) => <Countdown to={row.deadline} />,
}

function Waybill({ row, compact }: { row: InterceptRow; compact: boolean }) {
  const name = useCourierName()
  return compact ? <Cut>{row.waybillNo}</Cut> : <Two first={row.waybillNo} second={name(row.courier)} />
}

/** Returns the intercept's state. While it is open, also whether the platform knows of the shipment. */
export function interceptStateOf(row: InterceptRow, say: Say): { first: React.ReactNode; second: string } {
  const by = actorText(row.endedBy ?? row.askedBy ?? '', say)
  const told = say(writeBackWords[row.writeBack])
  const words = row.state === 'open' ? interceptWayWords[row.way] : interceptStateWords[row.state]
  const asks = row.way === 'recall' ? say(row.askable ? askWords.account : askWords.hand) : ''
  const detail =
    row.state === 'open'
      ? [row.note || asks, told].filter(Boolean).join(' · ')
      : [by, row.note].filter(Boolean).join(' · ')
  return { first: <Status tone={tones[row.state]}>{say(words)}</Status>, second: detail }
}

/** Returns the link to the return of the goods, or to the step after a failed intercept. */
export function interceptReturn(
  row: InterceptRow,
): { words: LocalizedPair; permission: string; search: Record<string, string> } | undefined {
  if (row.returnId !== null)
    return {
      permission: 'returns.read',
      words: [`退货单 ${row.returnNo}`, `Return ${row.returnNo}`],
      search: { tab: 'all', open: row.returnId },
    }
  if (row.state !== 'missed') return undefined
  return {
    permission: 'returns.write',
    words: ['要货就建退货单', 'Make a return for the goods'],
    search: { do: 'add', order: row.orderNo },
  }
}

const why = (event: InterceptEvent) => (row: InterceptRow, say: Say) => {
  const refusal = whyNotIntercept(row, event)
  return refusal && say(refusal.message)
}

const act = actionsOn<InterceptRow>()

export const interceptActions: readonly RowAction<InterceptRow>[] = [
  act(interceptVerbs.pull, {
    why: why('pull'),
    letter: 'U',
    primary: true,
    confirm: [
      '{n} 单包裹已在手上：撤销发货，货回库存，订单回到已通知配货。',
      '{n} in hand: shipping is undone, stock returns, the orders are released again.',
    ],
    tabs: ['pull', 'all'],
  }),
  act(interceptVerbs.ask, {
    why: why('ask'),
    letter: 'Q',
    primary: true,
    tabs: ['recall', 'all'],
    input: (props) => (
      <NoteDialog
        {...props}
        title={['已请快递拦截 {n} 单', 'The courier was asked for {n}']}
        act={['记下', 'Note']}
        text={[
          '写着“快递100 去拦”的，由快递100 请快递退回；其余先自己联系快递，再记下。',
          'Where it says so, 快递100 asks the courier to bring the parcel back; for the others, ask the courier yourself first.',
        ]}
      />
    ),
  }),
  act(interceptVerbs.return, {
    why: why('return'),
    letter: 'B',
    confirm: [
      '{n} 单包裹由快递退回了。会各建一张拒收的退货单，扫原运单收货入库；已在别的退货单上的商品不重复收。',
      '{n} were brought back by the courier. Each gets a return of its own, received by scanning its waybill; what is on other returns is not taken in twice.',
    ],
    tabs: ['recall', 'all'],
  }),
  act(interceptVerbs.miss, {
    why: why('miss'),
    letter: 'M',
    tabs: ['pull', 'recall', 'all'],
    input: (props) => (
      <NoteDialog
        {...props}
        title={['没拦到 {n} 单', '{n} missed']}
        act={['没拦到', 'Missed']}
        text={[
          '包裹已经发出：还没回写的现在回写，退款按已发货处理；要退货的这时建退货单。',
          'They have left: what was not told is told now, and the refund is one of shipped goods; if it asks for them, its return is made.',
        ]}
      />
    ),
  }),
  act(interceptVerbs.money, {
    why: why('money'),
    letter: 'N',
    tabs: ['pull', 'recall', 'all'],
    input: (props) => (
      <NoteDialog
        {...props}
        title={['只退钱，不拦 {n} 单', 'Money only for {n}']}
        act={['只退钱', 'Money only']}
        text={[
          '包裹照发，还没回写的现在回写。这里不同意退款，到退单里同意。',
          'The parcels go on; what was not told is told now. Agreeing to the refund is another act.',
        ]}
      />
    ),
  }),
]

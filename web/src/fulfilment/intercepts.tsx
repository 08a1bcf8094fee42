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
import { Countdown, Money, QuietTime } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import type { Column } from '../ui/list/data-list.tsx'
import type { Field } from '../ui/list/filters.ts'
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

export const interceptFields: readonly Field[] = [
  { key: 'shop', label: shared.shop, kind: 'shops' },
  { key: 'deadlineTo', label: ['平台到期早于', 'Due before'], kind: 'until' },
  {
    key: 'q',
    label: ['搜索', 'Search'],
    kind: 'text',
    hint: ['运单号、发货单号、订单号、交易号', 'Waybill, delivery, order or trade no.'],
  },
  { key: 'numbers', label: ['一批单号', 'Numbers'], kind: 'numbers' },
  { key: 'ids', label: ['指定的拦截', 'Given intercepts'], kind: 'numbers' },
  { key: 'orderId', label: ['指定的订单', 'Given order'], kind: 'text', linked: true },
]

export const interceptColumns: readonly Column<InterceptRow>[] = [
  {
    key: 'waybill',
    title: ['快递 / 运单', 'Courier / waybill'],
    width: 'minmax(142px,160fr)',
    fixed: true,
    cell: (row, compact) => <Waybill row={row} compact={compact} />,
  },
  {
    key: 'no',
    title: ['发货单 / 店铺', 'Delivery / shop'],
    width: 'minmax(134px,156fr)',
    cell: (row, compact) =>
      compact ? row.deliveryNo : <Two first={row.deliveryNo} second={<ShopLabel id={row.shopId} />} />,
  },
  {
    key: 'order',
    title: ['销售订单 / 退款号', 'Order / refund no.'],
    width: 'minmax(150px,160fr)',
    cell: (row, compact) => (compact ? row.orderNo : <Two first={row.orderNo} second={row.refundNo} />),
  },
  {
    key: 'receiver',
    title: ['收件人', 'Receiver'],
    width: 'minmax(146px,150fr)',
    compactWidth: 'minmax(70px,80fr)',
    cell: (row, compact) => <ReceiverCell row={row} compact={compact} />,
  },
  {
    key: 'goods',
    title: ['商品', 'Goods'],
    width: 'minmax(140px,200fr)',
    cell: (row, compact) => <GoodsOf row={row} compact={compact} />,
  },
  {
    key: 'amount',
    title: ['退款 ¥', 'Refund ¥'],
    width: '84px',
    align: 'right',
    cell: (row) => <Money fen={row.amountFen} />,
  },
  {
    key: 'deadline',
    title: ['剩余时间', 'Due in'],
    width: '84px',
    align: 'right',
    sort: 'deadline',
    cell: (row) => <Countdown to={row.deadline} />,
  },
  {
    key: 'createdAt',
    title: ['发起', 'Raised'],
    width: '98px',
    align: 'right',
    sort: 'createdAt',
    cell: (row) => <QuietTime at={row.createdAt} />,
  },
]

function Waybill({ row, compact }: { row: InterceptRow; compact: boolean }) {
  const name = useCourierName()
  return compact ? <Cut>{row.waybillNo}</Cut> : <Two first={row.waybillNo} second={name(row.courier)} />
}

/** Returns the intercept's state. While it is open, also whether the platform knows of the shipment. */
export function interceptStanding(row: InterceptRow, say: Say): { first: React.ReactNode; second: string } {
  const by = actorText(row.endedBy ?? row.askedBy ?? '', say)
  const told = say(writeBackWords[row.writeBack])
  const words = row.state === 'open' ? interceptWayWords[row.way] : interceptStateWords[row.state]
  const detail = row.state === 'open' ? told : [by, row.note].filter(Boolean).join(' · ')
  return { first: <Status tone={tones[row.state]}>{say(words)}</Status>, second: detail }
}

/** Returns the link to the return of the goods, or to the step after a failed intercept. */
export function interceptReturn(
  row: InterceptRow,
): { words: LocalizedPair; search: Record<string, string> } | undefined {
  if (row.returnId !== null)
    return {
      words: [`退货单 ${row.returnNo}`, `Return ${row.returnNo}`],
      search: { tab: 'all', open: row.returnId },
    }
  if (row.state !== 'missed') return undefined
  return {
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

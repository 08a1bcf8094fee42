import { holdReasons, orderEvents, statusWords } from '../../../server/orders/lifecycle.ts'
import { GoodsCell, MessageCell, ShopLabel, Two } from '../intake/cells.tsx'
import { tradeTypeWords } from '../intake/words.ts'
import type { RowAction } from '../ui/actions.ts'
import { ReasonDialog } from '../ui/confirm.tsx'
import type { Column } from '../ui/data-list.tsx'
import { Countdown, Money, Time } from '../ui/figures.tsx'
import type { Field } from '../ui/filters.ts'
import { flagOptions, Status, type Tone } from '../ui/status.tsx'
import { shared } from '../ui/words.ts'
import { type Say, useSay } from '../words.ts'
import { HoldDialog } from './hold-dialog.tsx'
import { SettleDialog } from './settle-dialog.tsx'
import type { OrderRow, OrderStatus } from './types.ts'

export const orderTones: Record<OrderStatus, Tone> = {
  unconfirmed: 'ring',
  confirmed: 'move',
  released: 'move',
  shipped: 'ok',
  completed: 'ok',
  voided: 'void',
}

const yesNo = [
  { value: 'true', label: shared.yes },
  { value: 'false', label: shared.no },
] as const

const refundOptions = [
  { value: 'none', label: ['没有', 'None'] },
  { value: 'open', label: ['申请中', 'Open'] },
  { value: 'succeeded', label: ['已退', 'Succeeded'] },
] as const

export const orderFields: readonly Field[] = [
  { key: 'shop', label: shared.shop, kind: 'shops' },
  { key: 'paid', label: ['付款', 'Paid'], kind: 'period' },
  { key: 'created', label: ['转单', 'Converted'], kind: 'period' },
  { key: 'shipByTo', label: ['发货时限早于', 'Ship by, before'], kind: 'until' },
  { key: 'refund', label: ['退款', 'Refund'], kind: 'options', options: refundOptions },
  { key: 'held', label: ['挂起', 'On hold'], kind: 'options', options: yesNo },
  { key: 'differs', label: ['差异', 'Changed'], kind: 'options', options: yesNo },
  {
    key: 'type',
    label: ['类型', 'Type'],
    kind: 'options',
    options: Object.entries(tradeTypeWords).map(([value, label]) => ({ value, label })),
  },
  { key: 'flag', label: ['旗标', 'Flag'], kind: 'options', options: flagOptions },
  { key: 'hasMessage', label: ['买家留言', 'Message'], kind: 'options', options: yesNo },
  { key: 'hasMemo', label: ['卖家备注', 'Memo'], kind: 'options', options: yesNo },
  { key: 'cod', label: ['货到付款', 'Cash on delivery'], kind: 'options', options: yesNo },
  { key: 'severalLines', label: ['多件', 'Several lines'], kind: 'options', options: yesNo },
  {
    key: 'province',
    label: ['省份', 'Province'],
    kind: 'text',
    hint: ['如：浙江，多个用逗号分开', 'For example 浙江; several apart by commas'],
  },
  {
    key: 'q',
    label: ['搜索', 'Search'],
    kind: 'text',
    hint: [
      '订单号、交易号、手机号或后四位、收件人、昵称、商品',
      'Order or trade no., phone or its last four, receiver, nick, goods',
    ],
  },
  { key: 'tids', label: ['交易号', 'Trade numbers'], kind: 'numbers' },
  { key: 'ids', label: ['指定的订单', 'Given orders'], kind: 'numbers' },
]

export const orderColumns: readonly Column<OrderRow>[] = [
  {
    key: 'no',
    title: ['销售订单 / 店铺', 'Order / shop'],
    width: 'minmax(140px,164fr)',
    fixed: true,
    cell: (row, compact) =>
      compact ? row.no : <Two first={row.no} second={<ShopLabel id={row.shopId} />} />,
  },
  {
    key: 'status',
    title: shared.status,
    width: 'minmax(120px,124fr)',
    fixed: true,
    cell: (row, compact) => <OrderState row={row} compact={compact} />,
  },
  {
    key: 'receiver',
    title: ['收件人', 'Receiver'],
    width: 'minmax(146px,150fr)',
    compactWidth: 'minmax(70px,80fr)',
    cell: (row, compact) =>
      compact ? (
        <div className="cut">{row.receiverMasked.split(' ')[0]}</div>
      ) : (
        <Two first={row.receiverMasked} second={row.region} />
      ),
  },
  {
    key: 'goods',
    title: ['商品', 'Goods'],
    width: 'minmax(170px,222fr)',
    cell: (row, compact) => (
      <GoodsCell line={row.lines[0]} lineCount={row.lineCount} pieces={row.quantity} compact={compact} />
    ),
  },
  {
    key: 'message',
    title: ['买家留言 / 备注', 'Message / memo'],
    width: 'minmax(104px,150fr)',
    cell: (row, compact) => (
      <MessageCell
        buyerMessage={row.buyerMessage}
        sellerMemo={row.sellerMemo}
        flag={row.flag}
        compact={compact}
      />
    ),
  },
  {
    key: 'payment',
    title: ['应付 ¥', 'Due ¥'],
    width: '88px',
    align: 'right',
    cell: (row) => <Money fen={row.paymentFen} />,
  },
  {
    key: 'paidAt',
    title: ['付款时间', 'Paid at'],
    width: '98px',
    align: 'right',
    sort: 'paidAt',
    cell: (row) => (
      <span className="t2">
        <Time at={row.paidAt} />
      </span>
    ),
  },
  {
    key: 'shipBy',
    title: ['发货剩余', 'Ship within'],
    width: '96px',
    align: 'right',
    sort: 'shipBy',
    cell: (row) => <Countdown to={row.shipBy} />,
  },
  {
    key: 'createdAt',
    title: ['转单时间', 'Converted at'],
    width: '98px',
    align: 'right',
    sort: 'createdAt',
    cell: (row) => (
      <span className="t2">
        <Time at={row.createdAt} />
      </span>
    ),
  },
]

/** The one lifecycle status; holds and differences stand on line two. */
function OrderState({ row, compact }: { row: OrderRow; compact: boolean }) {
  const say = useSay()
  const status = <Status tone={orderTones[row.status]}>{say(statusWords[row.status])}</Status>
  const reason = row.holdReasons[0]
  const held = reason && say(['挂起：{reason}', 'Held: {reason}'], { reason: holdText(reason, say) })
  const second = held ? (
    <Status tone="warn">
      <span title={held}>{held}</span>
    </Status>
  ) : row.differences > 0 ? (
    <Status tone="idle">{say(['{n} 处差异', '{n} {n|change|changes}'], { n: row.differences })}</Status>
  ) : row.refundedFen > 0 ? (
    <Status tone="idle">{say(['部分已退', 'Partly refunded'])}</Status>
  ) : undefined
  if (!second) return status
  return compact ? (
    <div className="row" style={{ gap: 6 }}>
      <span style={{ flex: 'none' }}>{status}</span>
      {second}
    </div>
  ) : (
    <Two first={status} second={second} />
  )
}

export function holdText(reason: string, say: Say): string {
  const words = Object.entries(holdReasons).find(([name]) => name === reason)?.[1]
  return words ? say(words) : reason
}

/** From the lifecycle table: the same reason that the server would give. */
const unless = (event: 'void' | 'restore' | 'release') => (row: OrderRow, say: Say) => {
  const { from, zh, en }: { from: readonly OrderStatus[]; zh: string; en: string } = orderEvents[event]
  if (from.some((status) => status === row.status)) return undefined
  return say([
    `${statusWords[row.status].zh}，不能${zh}`,
    `${statusWords[row.status].en}: cannot ${en.toLowerCase()}`,
  ])
}

export const orderActions = {
  send: {
    batch: 'orders.release',
    path: '/orders/release',
    words: ['通知配货', 'Release'],
    letter: 'N',
    permission: 'fulfilment.release',
    primary: true,
    done: ['{n} 单已通知配货', '{n} released to the warehouse'],
    tabs: ['confirmed'],
    why: unless('release'),
  },
  hold: {
    batch: 'orders.hold',
    path: '/orders/hold',
    words: ['挂起', 'Hold'],
    letter: 'H',
    permission: 'orders.hold',
    done: ['{n} 单已挂起', '{n} on hold'],
    tabs: ['all', 'unconfirmed', 'held', 'differs', 'confirmed', 'released'],
    input: (props) => <HoldDialog {...props} />,
  },
  release: {
    batch: 'orders.release_hold',
    path: '/orders/release-hold',
    words: ['解除挂起', 'Release'],
    letter: 'U',
    permission: 'orders.hold',
    done: ['{n} 单已解除挂起', '{n} released'],
    tabs: ['all', 'held'],
    why: (row, say) => (row.openHolds > 0 ? undefined : say(['没有挂起', 'Not on hold'])),
  },
  void: {
    batch: 'orders.void',
    path: '/orders/void',
    words: ['作废', 'Void'],
    letter: 'V',
    permission: 'orders.void',
    danger: true,
    done: ['{n} 单已作废', '{n} voided'],
    tabs: ['all', 'unconfirmed', 'held', 'differs', 'confirmed', 'released'],
    why: unless('void'),
    input: ({ count, onSubmit, onClose }) => (
      <ReasonDialog
        danger
        title={['作废 {n} 单', 'Void {n} {n|order|orders}']}
        act={['作废 {n} 单', 'Void {n}']}
        count={count}
        onSubmit={(reason) => onSubmit({ reason })}
        onClose={onClose}
      >
        <VoidNote />
      </ReasonDialog>
    ),
  },
  settle: {
    batch: 'orders.settle_differences',
    path: '/orders/settle-differences',
    words: ['处理差异', 'Settle changes'],
    letter: 'I',
    permission: 'orders.hold',
    done: ['{n} 单的差异已处理', 'Changes of {n} settled'],
    tabs: ['differs'],
    input: ({ count, onSubmit, onClose }) => (
      <SettleDialog count={count} onSubmit={onSubmit} onClose={onClose} />
    ),
  },
  restore: {
    batch: 'orders.restore',
    path: '/orders/restore',
    words: ['恢复', 'Restore'],
    letter: 'B',
    permission: 'orders.restore',
    done: ['{n} 单已恢复为未确认', '{n} restored to unconfirmed'],
    confirm: ['恢复 {n} 单为未确认。', 'Restore {n} to unconfirmed.'],
    tabs: ['voided'],
    why: unless('restore'),
  },
} as const satisfies Record<string, RowAction<OrderRow>>

function VoidNote() {
  return (
    <p className="t2">
      {useSay()([
        '作废的订单不再发货，交易不会再转一次；作废错了可由管理员恢复。',
        'A voided order ships nothing and its trade does not convert again; an admin can restore it.',
      ])}
    </p>
  )
}

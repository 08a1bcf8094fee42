import { orderFilters } from '../../../server/orders/list/filters-contract.ts'
import {
  holdReasons,
  isOffPlatform,
  isUnshipped,
  originWords,
  presaleUntilOf,
  statusWords,
} from '../../../server/orders/order/lifecycle.ts'
import { GoodsCell, MessageCell, ReceiverCell, ShopLabel, Two } from '../intake/cells.tsx'
import { Countdown, Money, Time } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import type { Column } from '../ui/list/data-list.tsx'
import { fieldOf } from '../ui/list/declared.tsx'
import type { Field } from '../ui/list/filters.ts'
import { type Say, useSay } from '../words.ts'
import { courierText } from './courier-text.ts'
import { useChecks } from './problems.tsx'
import type { OrderRow, OrderStatus } from './types.ts'
import './desk.css'

export const orderTones: Record<OrderStatus, Tone> = {
  unconfirmed: 'ring',
  confirmed: 'move',
  released: 'move',
  shipped: 'ok',
  completed: 'ok',
  voided: 'void',
}

/** The filters of the order list. `useWarehouseField` adds the warehouse filter, whose options come from the server. */
export const orderFields: readonly Field[] = Object.entries(orderFilters)
  .filter(([key]) => key !== 'warehouse')
  .map(fieldOf)

export const orderColumns: readonly Column<OrderRow>[] = [
  {
    key: 'no',
    title: ['销售订单 / 店铺', 'Order / shop'],
    width: 'minmax(140px,164fr)',
    fixed: true,
    cell: (row, compact) => (compact ? row.no : <Two first={row.no} second={<Whence row={row} />} />),
  },
  {
    key: 'status',
    title: shared.status,
    width: 'minmax(132px,150fr)',
    fixed: true,
    cell: (row, compact) => <OrderState row={row} compact={compact} />,
  },
  {
    key: 'receiver',
    title: ['收件人', 'Receiver'],
    width: 'minmax(140px,150fr)',
    compactWidth: 'minmax(70px,80fr)',
    cell: (row, compact) => <ReceiverCell row={row} compact={compact} />,
  },
  {
    key: 'goods',
    title: ['商品', 'Goods'],
    width: 'minmax(132px,222fr)',
    compactWidth: 'minmax(124px,222fr)',
    cell: (row, compact) => (
      <GoodsCell line={row.lines[0]} lineCount={row.lineCount} pieces={row.quantity} compact={compact} />
    ),
  },
  {
    key: 'message',
    title: ['留言 / 备注', 'Messages'],
    width: 'minmax(90px,150fr)',
    compactWidth: 'minmax(90px,150fr)',
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
    key: 'way',
    title: ['仓库 / 快递', 'Warehouse'],
    width: 'minmax(100px,110fr)',
    compactWidth: 'minmax(118px,120fr)',
    cell: (row, compact) => <Way row={row} compact={compact} />,
  },
  {
    key: 'payment',
    title: ['应付 ¥', 'Due ¥'],
    width: '84px',
    align: 'right',
    cell: (row) => <Money fen={row.paymentFen} />,
  },
  {
    key: 'paidAt',
    title: ['付款 / 转单', 'Paid / made'],
    width: '98px',
    align: 'right',
    sort: 'paidAt',
    cell: (row, compact) =>
      compact ? (
        <Time at={row.paidAt} />
      ) : (
        <Two first={<Time at={row.paidAt} />} second={<Time at={row.createdAt} />} />
      ),
  },
  {
    key: 'shipBy',
    title: ['发货剩余', 'Ship within'],
    width: '94px',
    align: 'right',
    sort: 'shipBy',
    cell: (row) => (
      <>
        {row.urgent && <Urgent />} <Countdown to={isUnshipped(row.status) ? row.shipBy : null} />
      </>
    ),
  },
  {
    key: 'createdAt',
    title: ['转单时间', 'Made at'],
    width: '98px',
    align: 'right',
    sort: 'createdAt',
    only: 'compact',
    cell: (row) => (
      <span className="t2">
        <Time at={row.createdAt} />
      </span>
    ),
  },
]

/** The order's status, and below it what the order waits for. */
function OrderState({ row, compact }: { row: OrderRow; compact: boolean }) {
  const say = useSay()
  const status = <Status tone={orderTones[row.status]}>{say(statusWords[row.status])}</Status>
  const reason = row.holdReasons.find((one) => one !== 'unmatched')
  const held = reason && say(['挂起：{reason}', 'Held: {reason}'], { reason: holdText(reason, say) })
  const planned = presaleUntilOf(row.shipAfter, new Date())
  const second = held ? (
    <Status tone="warn">
      <span title={held}>{held}</span>
    </Status>
  ) : row.unmatched && isUnshipped(row.status) ? (
    <Status tone="warn">{say(['未匹配', 'Unmatched'])}</Status>
  ) : row.short && isUnshipped(row.status) ? (
    <Status tone="bad">{say(['缺货', 'Short'])}</Status>
  ) : planned !== '' && isUnshipped(row.status) ? (
    <Status tone="idle">
      <span title={planned}>{say(['预售 {day}', 'Presale {day}'], { day: planned.slice(5) })}</span>
    </Status>
  ) : row.status === 'unconfirmed' && row.problems.length > 0 ? (
    <Status tone="warn">
      <ProblemText problems={row.problems} />
    </Status>
  ) : row.differences > 0 ? (
    <Status tone="idle">{say(['{n} 处差异', '{n} {n|change|changes}'], { n: row.differences })}</Status>
  ) : row.refundedFen > 0 ? (
    <Status tone="idle">
      {say(row.refundedFen < row.paymentFen ? ['部分已退', 'Partly refunded'] : ['已全部退款', 'Refunded'])}
    </Status>
  ) : row.lockedName !== '' ? (
    <Status tone="idle">{say(['{name} 锁定', 'Locked: {name}'], { name: row.lockedName })}</Status>
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

function Way({ row, compact }: { row: OrderRow; compact: boolean }) {
  const say = useSay()
  const courier = courierText(row.courier, say)
  if (row.origin === 'record') return null
  const warehouse = row.warehouseName || <span className="t3">{say(['未定', 'None yet'])}</span>
  return compact ? (
    <div className="cut">
      {warehouse} {row.courier && courier}
    </div>
  ) : (
    <Two first={warehouse} second={courier} />
  )
}

/** Returns the marks of an off-platform, child or merged order. */
function kinMarks(
  { origin, splitFrom, parcel }: Pick<OrderRow, 'origin' | 'splitFrom' | 'parcel'>,
  say: Say,
) {
  return [
    ...(isOffPlatform(origin) ? [say(originWords[origin])] : []),
    ...(splitFrom === null ? [] : [say(originWords.split)]),
    ...(parcel === null ? [] : [say(['合单', 'Merged'])]),
  ]
}

/** Platform and shop; for an order with marks, the marks and the shop. */
function Whence({ row }: { row: OrderRow }) {
  const say = useSay()
  const marks = kinMarks(row, say)
  if (marks.length === 0) return <ShopLabel id={row.shopId} />
  return (
    <>
      {marks.map((mark) => (
        <span key={mark} className="order-origin">
          {mark}
        </span>
      ))}{' '}
      · <ShopLabel id={row.shopId} short />
    </>
  )
}

function Urgent() {
  return <b className="order-urgent">{useSay()(['急', 'urgent'])}</b>
}

/** Marks beside the status: origin, urgency, and the user who has the edit lock. */
export function OrderMarks({
  order,
}: {
  order: Pick<OrderRow, 'urgent' | 'lockedName' | 'origin' | 'splitFrom' | 'parcel'>
}) {
  const say = useSay()
  return (
    <>
      {order.urgent && <Urgent />}
      {kinMarks(order, say).map((mark) => (
        <span key={mark} className="order-origin">
          {mark}
        </span>
      ))}
      {order.lockedName !== '' && (
        <span className="t3" title={say(['{name} 锁定中', 'Locked by {name}'], { name: order.lockedName })}>
          {say(['锁：{name}', 'locked: {name}'], { name: order.lockedName })}
        </span>
      )}
    </>
  )
}

/** The short name of the first problem. All problems are shown on hover and in the drawer. */
function ProblemText({ problems }: { problems: OrderRow['problems'] }) {
  const say = useSay()
  const checks = useChecks()
  const [first] = problems
  const name = checks.find((check) => check.name === first?.reason) ?? first?.message
  const more = problems.length > 1 ? ` +${problems.length - 1}` : ''
  return (
    <span className="cut" title={problems.map(({ message }) => say(message)).join('\n')}>
      {name && `${say(name)}${more}`}
    </span>
  )
}

export function holdText(reason: string, say: Say): string {
  const words = Object.entries(holdReasons).find(([name]) => name === reason)?.[1]
  return say(words ?? ['其他原因', 'Another reason'])
}

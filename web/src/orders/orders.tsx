import {
  isOffPlatform,
  isUnshipped,
  originWords,
  presaleUntilOf,
  statusWords,
} from '../../../server/orders/order/lifecycle.ts'
import { GoodsOf, MessageCell, ReceiverCell, ShopLabel, Two } from '../intake/cells.tsx'
import { Countdown, Time } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { type Say, useSay } from '../words.ts'
import { courierText } from './courier-text.ts'
import { holdText } from './hold-text.ts'
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

/** Renders the columns of the order list that are not plain values. */
export const orderCells = {
  no: (row: OrderRow, compact: boolean) =>
    compact ? row.no : <Two first={row.no} second={<Whence row={row} />} />,
  status: (row: OrderRow, compact: boolean) => <OrderState row={row} compact={compact} />,
  receiver: (row: OrderRow, compact: boolean) => <ReceiverCell row={row} compact={compact} />,
  goods: (row: OrderRow, compact: boolean) => <GoodsOf row={row} compact={compact} />,
  message: (row: OrderRow, compact: boolean) => <MessageCell row={row} compact={compact} />,
  way: (row: OrderRow, compact: boolean) => <Way row={row} compact={compact} />,
  paidAt: (row: OrderRow, compact: boolean) =>
    compact ? (
      <Time at={row.paidAt} />
    ) : (
      <Two first={<Time at={row.paidAt} />} second={<Time at={row.createdAt} />} />
    ),
  shipBy: (row: OrderRow) => (
    <>
      {row.urgent && <Urgent />} <Countdown to={isUnshipped(row.status) ? row.shipBy : null} />
    </>
  ),
}

/** The order's status, and below it what the order waits for. */
function OrderState({ row, compact }: { row: OrderRow; compact: boolean }) {
  const say = useSay()
  const status = <Status tone={orderTones[row.status]}>{say(statusWords[row.status])}</Status>
  const reason = row.holdReasons.find((one) => one !== 'unmatched')
  const held = reason && holdText(reason, say)
  const planned = presaleUntilOf(row.shipAfter, new Date())
  const second = held ? (
    <Status tone="warn">
      <span title={say(['挂起：{reason}', 'Held: {reason}'], { reason: held })}>
        {/* In English there is no room for the word before the reason. */}
        {say(['挂起：{reason}', '{reason}'], { reason: held })}
      </span>
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
  ) : row.archivedAt !== null ? (
    <Status tone="void">{say(['已归档', 'Archived'])}</Status>
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
  const name = courierText(row.courier, say)
  const courier = row.designated.includes(row.courier) ? say([`${name} · 指定`, `${name}, designated`]) : name
  const services = [row.toDoor && say(['上门', 'door']), row.insuredFen && say(['保价', 'insured'])]
  const way = [courier, ...services].filter(Boolean).join(' · ')
  if (row.origin === 'record') return null
  const warehouse = row.warehouseName || <span className="t3">{say(['未定', 'None yet'])}</span>
  return compact ? (
    <div className="cut">
      {warehouse} {(row.courier || services.some(Boolean)) && way}
    </div>
  ) : (
    <Two first={warehouse} second={way} />
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

import { extraRefundKinds, extraRefundWords } from '../../../../server/finance/lifecycle.ts'
import { yuan } from '../../../../server/lib/money-text.ts'
import {
  isOffPlatform,
  isUnshipped,
  originWords,
  statusWords,
} from '../../../../server/orders/order/lifecycle.ts'
import { OrderSettlements } from '../../finance/order-settlements.tsx'
import { OrderDeliveries } from '../../fulfilment/order-deliveries.tsx'
import { GoodsLines } from '../../intake/trades/goods-lines.tsx'
import { Personal } from '../../intake/trades/personal.tsx'
import { OrderReturns } from '../../returns/order-returns.tsx'
import { Countdown, Time } from '../../ui/base/figures.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { Flag, Status } from '../../ui/base/status.tsx'
import { nearTime } from '../../ui/base/time.ts'
import { Timeline } from '../../ui/base/timeline.tsx'
import { Section } from '../../ui/overlay/drawer.tsx'
import { Tip } from '../../ui/overlay/tip.tsx'
import { useSay } from '../../words.ts'
import { courierText } from '../courier-text.ts'
import { orderTones } from '../orders.tsx'
import { Problems, useChecks } from '../problems.tsx'
import type { OrderDetail, OrderLine } from '../types.ts'
import { BuyerHistory } from './buyer-history.tsx'
import { ChangeWarehouse } from './change-warehouse.tsx'
import { Differences } from './differences.tsx'
import { insuredText, orderTimeline } from './events.ts'
import { OrderGifts } from './order-gifts.tsx'
import { OrderMoney } from './order-money.tsx'
import { OrderRefunds } from './order-refunds.tsx'
import { Substitution } from './substitution.tsx'

export function OrderBody({ order }: { order: OrderDetail }) {
  const say = useSay()
  const checks = useChecks()
  return (
    <div className="drawer-body">
      <div className="drawer-main">
        <Facts order={order} />
        <Problems order={order} />
        <GoodsLines
          lines={order.lines}
          pieces={order.quantity}
          keyOf={(line) => line.lineNo}
          below={(line) => (
            <>
              <OwnGoods line={line} />
              <Substitution line={line} order={order} />
            </>
          )}
          state={(line) => (
            <>
              <LineState line={line} order={order} />
              <Rematched line={line} order={order} />
            </>
          )}
        />
        <OrderGifts order={order} />
        <OrderMoney order={order} />
        <OrderSettlements orderId={order.id} rows={order.settlements} />
        <Differences order={order} />
        <BuyerHistory order={order} />
      </div>
      <div className="drawer-side">
        <Relatives order={order} />
        <Section title={say(['经过', 'Timeline'])}>
          <Timeline entries={orderTimeline(order.events, checks, say)} />
        </Section>
      </div>
    </div>
  )
}

/** Marks a value that a person chose. Sourcing rules do not change it. */
function ByHand() {
  const say = useSay()
  return <span className="t3 small"> {say(['人工选定', 'by hand'])}</span>
}

function Designated({ of: { designated } }: { of: OrderDetail }) {
  const say = useSay()
  if (designated.length === 0) return null
  const names = designated.map((code) => courierText(code, say)).join(say(['、', ', ']))
  return <span className="t3 small"> {say([`平台指定${names}`, `designated: ${names}`])}</span>
}

function Facts({ order }: { order: OrderDetail }) {
  const say = useSay()
  return (
    <dl className="fact-grid">
      <Personal path="/orders/:id/reveal" id={order.id} masked={order.receiverMasked} region={order.region} />
      <dt>{say(['付款', 'Paid'])}</dt>
      <dd>{order.cod ? say(['货到付款', 'Cash on delivery']) : <Time at={order.paidAt} />}</dd>
      <dt>{say(['下单', 'Ordered'])}</dt>
      <dd>
        <Time at={order.orderedAt} />
      </dd>
      <dt>{say(['仓库', 'Warehouse'])}</dt>
      <dd>
        {order.warehouse?.name ?? <span className="t3">{say(['未定', 'None yet'])}</span>}
        {order.warehouseByHand && <ByHand />}
        {order.status === 'unconfirmed' && <ChangeWarehouse order={order} />}
      </dd>
      <dt>{say(['快递', 'Courier'])}</dt>
      <dd>
        {courierText(order.courier, say)}
        {order.courierByHand && <ByHand />}
        <Designated of={order} />
      </dd>
      {(order.toDoor || order.insuredFen !== null) && (
        <>
          <dt>{say(['上门、保价', 'Door, insurance'])}</dt>
          <dd>
            {[order.toDoor && say(['送货上门', 'To the door']), insuredText(order.insuredFen, say)]
              .filter(Boolean)
              .join(say(['，', ', ']))}
          </dd>
        </>
      )}
      <dt>{say(['发货剩余', 'Ship within'])}</dt>
      <dd>
        <Countdown to={isUnshipped(order.status) ? order.shipBy : null} />
      </dd>
      {order.shipAfter && (
        <>
          <dt>{say(['计划发货', 'Planned'])}</dt>
          <dd>
            <Time at={order.shipAfter} />
          </dd>
        </>
      )}
      {order.buyerMessage && (
        <>
          <dt>{say(['买家留言', 'Message'])}</dt>
          <dd className="wide">{order.buyerMessage}</dd>
        </>
      )}
      <dt>{say(['卖家备注', 'Memo'])}</dt>
      <dd className="wide row">
        <Flag flag={order.flag} />{' '}
        <span>{order.sellerMemo || <span className="t3">{say(['无', 'None'])}</span>}</span>
      </dd>
      {order.ownNote && (
        <>
          <dt>{say(['内部备注', 'Own note'])}</dt>
          <dd className="wide">{order.ownNote}</dd>
        </>
      )}
    </dl>
  )
}

/** Marks a line whose pieces were reserved before its listing was matched with another SKU. */
function Rematched({ line, order }: { line: OrderLine; order: OrderDetail }) {
  const say = useSay()
  if (line.rematchedTo === '' || !isUnshipped(order.status) || order.origin === 'record') return null
  return (
    <Tip
      text={say([
        '已占用的不跟着换。要换：作废后恢复，会按新匹配重新占用。',
        'What is reserved does not follow. To change it: void and restore, which asks for the new match.',
      ])}
    >
      <span className="t2 small">
        {say(['商品已改匹配 {code}', 'Listing is {code} by now'], { code: line.rematchedTo })}
      </span>
    </Tip>
  )
}

/** The line's SKU if its code differs from the outer code. A line without a SKU has a link for matching it. */
function OwnGoods({ line }: { line: OrderLine }) {
  const say = useSay()
  if (line.skuId !== null) {
    if (line.skuCode === line.outerSkuId) return null
    const own = [line.skuCode, line.skuName].filter(Boolean).join(' ')
    return (
      <div className="cut t3" title={own}>
        {own}
      </div>
    )
  }
  return (
    <div className="cut">
      <PageLink act to="/listings" search={{ tab: 'all', q: line.platformSkuId || line.itemId }}>
        {say(['去匹配', 'Match it'])}
      </PageLink>
    </div>
  )
}

/** The line's reservation state, and its warehouse if that is not the order's. */
function LineState({ line, order }: { line: OrderLine; order: OrderDetail }) {
  const say = useSay()
  const elsewhere = line.warehouse !== order.warehouse?.name && line.warehouse
  return (
    <>
      {line.gift && <span className="t2 small">{say(['赠品', 'Gift'])} </span>}
      <LinePromise line={line} order={order} />
      {elsewhere && <div className="t3 small">{elsewhere}</div>}
    </>
  )
}

function LinePromise({ line, order }: { line: OrderLine; order: OrderDetail }) {
  const say = useSay()
  if (line.gift && line.refundedQuantity >= line.quantity)
    return <Status tone="void">{say(['已去掉', 'Taken off'])}</Status>
  if (line.gift && line.refundedQuantity > 0)
    return <Status tone="warn">{say(['减了 {n} 件', '{n} taken off'], { n: line.refundedQuantity })}</Status>
  if (line.refundedQuantity >= line.quantity)
    return <Status tone="void">{say(['已退款', 'Refunded'])}</Status>
  if (line.refundedQuantity > 0)
    return <Status tone="warn">{say(['已退 {n} 件', '{n} refunded'], { n: line.refundedQuantity })}</Status>
  if (order.origin === 'record' || order.status === 'voided') return <span className="t3">—</span>
  switch (line.promise) {
    case 'unmatched':
      return <Status tone="warn">{say(['未匹配', 'Unmatched'])}</Status>
    case 'unasked':
      return <Status tone="ring">{say(['未占用', 'Not reserved'])}</Status>
    case 'short':
      return <Status tone="bad">{say(['缺货', 'Short'])}</Status>
    case 'promised':
      return <Status tone="ok">{say(['已占用', 'Reserved'])}</Status>
    case 'shipped':
      return <Status tone="ok">{say(['已出库', 'Shipped'])}</Status>
  }
}

function TradeEntry({ order }: { order: OrderDetail }) {
  const say = useSay()
  return (
    <>
      <dt className="t3">{say(['交易', 'Trade'])}</dt>
      <dd>
        <PageLink to="/trade-history" search={{ tids: order.tid }}>
          {order.tid}
        </PageLink>
        <div className="small">
          <Status tone="ok">
            {say(['已转单', 'Converted'])} <span className="t3">{nearTime(order.createdAt)}</span>
          </Status>
        </div>
      </dd>
    </>
  )
}

/** The trade number and origin of an off-platform order. */
function OwnNumber({ order }: { order: OrderDetail }) {
  const say = useSay()
  return (
    <>
      <dt className="t3">{say(['单号', 'No.'])}</dt>
      <dd>
        {order.tid} <span className="t3">{say(originWords[order.origin])}</span>
      </dd>
    </>
  )
}

/**
 * Links to related orders: source and copies, parent and child orders, merged shipment, and merge candidates, some with the reason against
 * merging.
 */
function Copies({ order }: { order: OrderDetail }) {
  const say = useSay()
  const { source, copies, root, parts, parcel, mates } = order.relations
  const entries: (Related & { words: string; note?: string })[] = [
    ...parcel.map((mate) => ({ ...mate, words: say(['同包裹', 'Parcel']) })),
    ...mates.map(({ why, ...mate }) => ({
      ...mate,
      words: say(why ? ['不能合', 'Apart'] : ['可合单', 'Could merge']),
      note: why ? say(why.message) : '',
    })),
    ...(root ? [{ ...root, words: say(['拆自', 'Split from']) }] : []),
    ...parts.map((part) => ({ ...part, words: say(['拆出', 'Split off']) })),
    ...(source ? [{ ...source, words: say(['原单', 'Source']) }] : []),
    ...copies.map((copy) => ({ ...copy, words: say(originWords[copy.origin]) })),
  ]
  return entries.map(({ id, no, status, reason, words, note }) => (
    <div key={id} style={{ display: 'contents' }}>
      <dt className="t3">{words}</dt>
      <dd>
        <PageLink to="/orders" search={{ tab: 'all', open: id }}>
          {no}
        </PageLink>
        <div className="small">
          <Status tone={orderTones[status]}>
            {say(statusWords[status])} <span className="t3">{reason}</span>
          </Status>
        </div>
        {note && <div className="t2 small">{note}</div>}
      </dd>
    </div>
  ))
}

type Related = OrderDetail['relations']['parts'][number]

function Relatives({ order }: { order: OrderDetail }) {
  const say = useSay()
  return (
    <Section title={say(['关联单据', 'Related'])}>
      <dl className="relatives">
        {isOffPlatform(order.origin) ? <OwnNumber order={order} /> : <TradeEntry order={order} />}
        <Copies order={order} />
        <OrderRefunds order={order} />
        {order.extraRefunds.map((extra) => (
          <div key={extra.id} style={{ display: 'contents' }}>
            <dt className="t3">{say(['额外退款', 'Extra refund'])}</dt>
            <dd>
              <PageLink to="/extra-refunds" search={{ tab: extra.status, orderId: order.id }}>
                {extra.no}
              </PageLink>
              <div className="small">
                <Status
                  tone={extra.status === 'draft' ? 'warn' : extra.status === 'approved' ? 'ok' : 'void'}
                >
                  {say(extraRefundWords[extra.status])}{' '}
                  <span className="t3">{`${say(extraRefundKinds[extra.kind])} ¥${yuan(extra.amountFen)}`}</span>
                </Status>
              </div>
            </dd>
          </div>
        ))}
        <OrderDeliveries
          orderId={order.id}
          writesNothingBack={
            isOffPlatform(order.origin) || order.origin === 'record' || order.status === 'voided'
          }
        />
        <OrderReturns order={order} />
      </dl>
    </Section>
  )
}

import { yuan } from '../../../../server/lib/money-text.ts'
import { type OrderStatus, statusWords } from '../../../../server/orders/order/lifecycle.ts'
import { deliverySteps, writeBackStep } from '../../fulfilment/delivery-steps.ts'
import type { DeliveryRow } from '../../fulfilment/types.ts'
import { Note } from '../../ui/base/empty.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { nearTime } from '../../ui/base/time.ts'
import type { Step } from '../../ui/overlay/drawer.tsx'
import { type Say, useSay } from '../../words.ts'
import { holdText } from '../hold-text.ts'
import type { OrderDetail } from '../types.ts'
import { voidReasons } from './events.ts'
import { refundNext, refundStop } from './refund-stop.ts'

const life: readonly OrderStatus[] = ['unconfirmed', 'confirmed', 'released', 'shipped', 'completed']
const reachedBy: Partial<Record<OrderStatus, readonly string[]>> = {
  unconfirmed: ['convert', 'restore', 'unconfirm'],
  confirmed: ['confirm', 'unrelease'],
  released: ['release', 'unship'],
  shipped: ['ship'],
  completed: ['complete'],
  voided: ['void'],
}

/** Returns the lifecycle steps. Each reached step has its time and user. */
export function stepsOf(order: OrderDetail, delivery: DeliveryRow | undefined, say: Say): Step[] {
  const reached = (status: OrderStatus) => {
    const event = order.events
      .filter((each) => reachedBy[status]?.includes(each.event))
      .toSorted((a, b) => b.at.localeCompare(a.at))[0]
    return event
      ? { at: nearTime(event.at), by: event.actorName }
      : status === 'unconfirmed'
        ? { at: nearTime(order.createdAt), by: order.createdBy }
        : {}
  }
  if (order.status === 'voided') {
    return [
      { words: say(statusWords.unconfirmed), state: 'done', ...reached('unconfirmed') },
      { words: say(statusWords.voided), state: 'now', ...reached('voided') },
    ]
  }
  const at = life.indexOf(order.status)
  const work = delivery ? deliverySteps(delivery, order.events, say) : []
  // A released order whose parcel lacks something is at that step, and not at shipping.
  const isInWork = work.some(({ state }) => state === 'now')
  return life.flatMap((status, index): Step[] => {
    const step = stepOf(status, index)
    if (status === 'released' && delivery)
      return [
        { ...step, state: index <= at ? 'done' : step.state },
        ...work,
        ...(order.status === 'released' && !isInWork
          ? [{ words: say(statusWords.shipped), state: 'now' as const, ...dueOf() }]
          : []),
      ]
    if (status === 'shipped' && delivery)
      return [
        ...(order.status === 'released' && !isInWork ? [] : [step]),
        ...writeBackStep(delivery, order.events, say),
      ]
    return [step]
  })
  function dueOf() {
    return order.shipBy ? { at: say(['{at} 前', 'by {at}'], { at: nearTime(order.shipBy) }) } : {}
  }
  function stepOf(status: OrderStatus, index: number): Step {
    const words = say(statusWords[status])
    if (index < at) return { words, state: 'done', ...reached(status) }
    if (index === at)
      return { words, state: order.status === 'completed' ? 'done' : 'now', ...reached(status) }
    return {
      words,
      state: 'ahead',
      ...(status === 'shipped' ? dueOf() : {}),
      ...(status === 'completed' ? { at: say(['买家收货后', 'after receipt']) } : {}),
    }
  }
}

/** Returns the filter of the listings page: the listing without a match, or, if there are several, the shop's unmatched ones. */
function toMatch({ lines, shopId }: OrderDetail): Record<string, string> {
  const missing = new Set(
    lines.filter(({ skuId }) => skuId === null).map((line) => line.platformSkuId || line.itemId),
  )
  const [only = ''] = missing
  return missing.size === 1 && only !== '' ? { tab: 'all', q: only } : { tab: 'unmatched', shop: shopId }
}

/** A note with the remedy, if something stops the order. */
export function OrderNote({ order }: { order: OrderDetail }) {
  const say = useSay()
  if (order.status === 'voided') {
    return (
      <Note tone="warn">
        {say([
          '已作废。交易不会再转一次；作废错了可以恢复。',
          'Voided. Its trade does not convert again; it can be restored.',
        ])}{' '}
        <span className="t2">{voidText(order.voidReason, say)}</span>
      </Note>
    )
  }
  const open = order.notices.find((notice) => notice.stops)
  if (open) {
    return (
      <Note
        tone="warn"
        action={
          open.refundNo !== '' && (
            <PageLink act to="/staged-refunds" search={{ refundNos: open.refundNo }}>
              {say(['处理退款', 'Handle refund'])}
            </PageLink>
          )
        }
      >
        <b>{say(refundStop(open), { amount: yuan(open.amountFen) })}</b>{' '}
        <span className="t2">{say(refundNext(open))}</span>
      </Note>
    )
  }
  const hold = order.holds.find((each) => each.releasedAt === null)
  if (hold) {
    return (
      <Note
        tone="warn"
        action={
          hold.reason === 'unmatched' && (
            <PageLink act to="/listings" search={toMatch(order)}>
              {say(['去匹配', 'Match'])}
            </PageLink>
          )
        }
      >
        <b>{say(['挂起：{reason}。', 'On hold: {reason}.'], { reason: holdText(hold.reason, say) })}</b>{' '}
        <span className="t2">
          {hold.reason === 'unmatched'
            ? say(['匹配平台商品后自动解除。', 'It ends automatically once its listing is matched.'])
            : [sentence(hold.note, say), say(['处理好后解除挂起。', 'Release it when that is settled.'])]
                .filter(Boolean)
                .join(' ')}
        </span>
      </Note>
    )
  }
  return null
}

/** Adds a full stop to a user's text, so that another sentence can follow. */
function sentence(note: string, say: Say): string {
  return note === '' || /[。！？.!?]$/.test(note) ? note : `${note}${say(['。', '.'])}`
}

/** Returns the label of a void reason of the system, otherwise the text that a user typed. */
function voidText(reason: string, say: Say): string {
  const words = Object.entries(voidReasons).find(([name]) => name === reason)?.[1]
  return words ? say(words) : reason
}

import type { Refusal } from '../../../server/core/decide.ts'
import { deliveryVerbs } from '../../../server/fulfilment/verbs-contract.ts'
import { whyNotPaid, whyNotPlanned } from '../../../server/orders/order/desk-rules.ts'
import { holdWords } from '../../../server/orders/order/hold-rules.ts'
import { type OrderEvent, whyNotOrder } from '../../../server/orders/order/lifecycle.ts'
import { factsOfShown } from '../../../server/orders/order/shown-rules.ts'
import { whyNotUnmerged } from '../../../server/orders/shipments/merge-rules.ts'
import { whySplitNever } from '../../../server/orders/split/split-rules.ts'
import { whyNotSubstituted } from '../../../server/orders/substitute/rules.ts'
import { orderVerbs, reviewVerbs, shipmentVerbs } from '../../../server/orders/verbs-contract.ts'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { Soon } from '../ui/base/soon.tsx'
import { ReasonDialog } from '../ui/overlay/confirm.tsx'
import { type Say, useSay } from '../words.ts'
import {
  addGiftDialog,
  blacklistDialog,
  chooseDialog,
  courierDialog,
  holdDialog,
  memosDialog,
  removeGiftDialog,
  servicesDialog,
  settleDialog,
  shipAfterDialog,
  splitDialog,
  substituteDialog,
  urgentDialog,
  warehouseDialog,
} from './dialogs/later-dialogs.ts'
import type { OrderRow } from './types.ts'

/**
 * Returns why the event is not possible, by the decision table that the server also uses. Whether another user has the edit lock, only the
 * server checks.
 */
const unless = (event: OrderEvent) => (row: OrderRow, say: Say) => {
  const refusal = whyNotOrder(factsOfShown(row, { lockedByOther: '', now: new Date() }), event)
  return refusal && say(refusal.code === 'on_hold' ? holdWords(row.holdReasons) : refusal.message)
}

const refused = (why: Refusal | undefined, say: Say) => why && say(why.message)

const act = actionsOn<OrderRow>()

export const orderActions = {
  confirm: act(reviewVerbs.confirm, {
    letter: 'C',
    primary: true,
    undo: reviewVerbs.unconfirm,
    tabs: ['all', 'unconfirmed', 'problem'],
    // The list cannot exclude locked or unpaid orders, so the count includes them.
    able: {
      list: '/orders',
      filter: { tab: 'unconfirmed', held: 'false', problem: 'false' },
      words: ['其中没挂起、没问题的 {n} 条', '{n} of them are not on hold and have no problem'],
    },
    why: unless('confirm'),
  }),
  send: act(deliveryVerbs.release, {
    letter: 'S',
    primary: true,
    made: {
      words: ['去打单', 'Print their labels'],
      to: (orders) => `/print-desk?numbers=${orders.join(',')}`,
    },
    tabs: ['confirmed', 'all'],
    why: unless('release'),
  }),
  unconfirm: act(reviewVerbs.unconfirm, {
    letter: 'T',
    undo: reviewVerbs.confirm,
    tabs: ['confirmed'],
    why: unless('unconfirm'),
  }),
  waive: act(reviewVerbs.waive, {
    letter: 'W',
    confirm: [
      '放行 {n} 单的全部问题。自动确认开着时，随后就会确认。',
      'Waive every problem of {n}. Rules may then confirm them.',
    ],
    tabs: ['problem'],
    why: (row, say) => (row.openProblems > 0 ? undefined : say(['没有可放行的问题', 'No open problem'])),
  }),
  lock: act(reviewVerbs.lock, {
    letter: 'L',
    undo: reviewVerbs.unlock,
    tabs: ['unconfirmed', 'problem'],
    why: (row, say) =>
      row.lockedName === ''
        ? undefined
        : say(['{name} 锁定中', 'Locked by {name}'], { name: row.lockedName }),
  }),
  unlock: act(reviewVerbs.unlock, {
    letter: 'O',
    tabs: ['all'],
    why: (row, say) => (row.lockedName === '' ? say(['没有锁定', 'Not locked']) : undefined),
  }),
  forceUnlock: act(reviewVerbs.forceUnlock, {
    letter: 'O',
    confirm: ['解开 {n} 单别人的锁定。', 'Unlock {n} that somebody else has locked.'],
    tabs: [],
  }),
  memo: act(reviewVerbs.memo, {
    input: (props) => <Soon part={memosDialog} props={props} />,
  }),
  urgent: act(reviewVerbs.urgent, {
    letter: 'Y',
    tabs: ['unconfirmed', 'problem', 'short', 'confirmed', 'released'],
    input: (props) => <Soon part={urgentDialog} props={props} />,
  }),
  courier: act(reviewVerbs.courier, {
    letter: 'D',
    tabs: ['unconfirmed', 'problem'],
    input: (props) => <Soon part={courierDialog} props={props} />,
  }),
  services: act(reviewVerbs.services, {
    letter: 'A',
    tabs: ['unconfirmed', 'problem', 'confirmed', 'released'],
    input: (props) => <Soon part={servicesDialog} props={props} />,
  }),
  warehouse: act(shipmentVerbs.warehouse, {
    letter: 'Z',
    tabs: ['unconfirmed', 'problem', 'short'],
    input: (props) => <Soon part={warehouseDialog} props={props} />,
  }),
  substitute: act(shipmentVerbs.substitute, {
    tabs: ['unconfirmed', 'problem', 'short', 'confirmed'],
    why: (row, say) => refused(whyNotSubstituted(row), say),
    input: (props) => <Soon part={substituteDialog} props={props} />,
  }),
  choose: act(shipmentVerbs.redoSourcing, {
    tabs: ['unconfirmed', 'problem', 'short'],
    input: (props) => <Soon part={chooseDialog} props={props} />,
  }),
  split: act(shipmentVerbs.splitBy, {
    letter: 'Q',
    tabs: ['unconfirmed', 'short', 'presale', 'confirmed'],
    why: (row, say) => refused(whySplitNever(row), say),
    input: (props) => <Soon part={splitDialog} props={props} />,
  }),
  unsplit: act(shipmentVerbs.unsplit, {
    confirm: ['把 {n} 单的商品合回原单。', 'Put the goods of {n} back on what they were split from.'],
    tabs: [],
  }),
  merge: act(shipmentVerbs.merge, {
    batch: shipmentVerbs.mergeWithCandidates.bulk.name,
    undo: shipmentVerbs.unmerge,
    tabs: ['unconfirmed', 'problem', 'confirmed'],
  }),
  mergeMates: act(shipmentVerbs.mergeWithCandidates, {
    batch: undefined,
    tabs: [],
  }),
  unmerge: act(shipmentVerbs.unmerge, {
    tabs: [],
    why: (row, say) => refused(whyNotUnmerged(row), say),
  }),
  gifts: act(shipmentVerbs.regiveGifts, {
    tabs: ['unconfirmed', 'problem', 'short'],
  }),
  addGift: act(shipmentVerbs.addGift, {
    tabs: ['unconfirmed', 'problem'],
    input: (props) => <Soon part={addGiftDialog} props={props} />,
  }),
  removeGift: act(shipmentVerbs.removeGift, {
    tabs: ['unconfirmed', 'problem', 'short'],
    input: (props) => <Soon part={removeGiftDialog} props={props} />,
  }),
  shipAfter: act(orderVerbs.shipAfter, {
    letter: 'P',
    tabs: ['unconfirmed', 'problem', 'presale', 'confirmed'],
    why: (row, say) => refused(whyNotPlanned(row.status), say),
    input: (props) => <Soon part={shipAfterDialog} props={props} />,
  }),
  bookPayment: act(orderVerbs.bookPayment, {
    confirm: ['登记 {n} 单已付款。', 'Book that {n} {n|is|are} paid.'],
    tabs: ['unconfirmed'],
    why: (row, say) => refused(whyNotPaid({ ...row, paid: row.paidAt !== null }), say),
  }),
  blacklist: act(orderVerbs.blacklist, {
    danger: true,
    tabs: ['all', 'unconfirmed', 'problem'],
    input: (props) => <Soon part={blacklistDialog} props={props} />,
  }),
  hold: act(orderVerbs.hold, {
    letter: 'H',
    tabs: ['all', 'unconfirmed', 'problem', 'held', 'differs', 'short', 'confirmed', 'released'],
    input: (props) => <Soon part={holdDialog} props={props} />,
  }),
  release: act(orderVerbs.liftHold, {
    letter: 'U',
    tabs: ['all', 'held'],
    why: (row, say) => (row.openHolds > 0 ? undefined : say(['没有挂起', 'Not on hold'])),
  }),
  shipOver: act(orderVerbs.shipOver, {
    danger: true,
    tabs: [],
    input: ({ count, onSubmit, onClose }) => (
      <ReasonDialog
        danger
        title={['退款中照发这张单', 'Ship this order over its refund']}
        act={['照发', 'Let it through']}
        count={count}
        onSubmit={(reason) => onSubmit({ reason })}
        onClose={onClose}
      >
        <ShipOverNote />
      </ReasonDialog>
    ),
  }),
  void: act(orderVerbs.void, {
    letter: 'V',
    danger: true,
    undo: orderVerbs.restore,
    tabs: ['all', 'unconfirmed', 'problem', 'held', 'differs', 'short', 'confirmed', 'released'],
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
  }),
  settle: act(orderVerbs.resolveChanges, {
    letter: 'I',
    tabs: ['differs'],
    input: (props) => <Soon part={settleDialog} props={props} />,
  }),
  restore: act(orderVerbs.restore, {
    letter: 'B',
    confirm: ['恢复 {n} 单为未确认。', 'Restore {n} to unconfirmed.'],
    tabs: ['voided'],
    why: unless('restore'),
  }),
} satisfies Record<string, RowAction<OrderRow>>

function ShipOverNote() {
  return (
    <p className="t2">
      {useSay()([
        '买家的退款还没了结，货发出去可能钱货两空，平台也可能不让发。只放行这一张；申请变成更多，就再挂起。',
        'The refund is not settled: goods and money may both be gone, and the platform may refuse. This order only; it is held again if the refund grows.',
      ])}
    </p>
  )
}

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

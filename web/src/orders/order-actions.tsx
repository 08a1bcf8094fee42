import { deliveryVerbs } from '../../../server/fulfilment/verbs-contract.ts'
import type { LocalizedText } from '../../../server/lib/localized-text.ts'
import { whyNotPaid, whyNotPlanned } from '../../../server/orders/order/desk-rules.ts'
import { holdWords } from '../../../server/orders/order/hold-rules.ts'
import { allowed, type OrderEvent, presaleUntilOf } from '../../../server/orders/order/lifecycle.ts'
import { whyNotUnmerged } from '../../../server/orders/shipments/merge-rules.ts'
import { whySplitNever } from '../../../server/orders/split/split-rules.ts'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { ReasonDialog } from '../ui/overlay/confirm.tsx'
import { type Say, useSay } from '../words.ts'
import { BlacklistDialog, ShipAfterDialog } from './buyer-dialogs.tsx'
import { ChooseDialog, CourierDialog, MemosDialog, UrgentDialog, WarehouseDialog } from './desk-dialogs.tsx'
import { AddGiftDialog, RemoveGiftDialog } from './gift-dialogs.tsx'
import { HoldDialog } from './hold-dialog.tsx'
import { SettleDialog } from './settle-dialog.tsx'
import { SplitDialog } from './split-how.tsx'
import type { OrderRow } from './types.ts'

/** From the lifecycle table: the same reason that the server would give. Whose lock it is, the server knows. */
const unless = (event: OrderEvent) => (row: OrderRow, say: Say) => {
  const verdict = allowed(
    {
      ...row,
      paid: row.paidAt !== null,
      refundedWhole:
        (row.paymentFen > 0 && row.refundedFen >= row.paymentFen) || row.refundedQuantity >= row.quantity,
      writtenBack: false,
      lockedByOther: '',
      presaleUntil: presaleUntilOf(row.shipAfter),
    },
    event,
  )
  if (verdict.ok) return undefined
  return say(verdict.code === 'on_hold' ? holdWords(row.holdReasons) : verdict.message)
}

const refused = (why: { message: LocalizedText } | null, say: Say) => (why ? say(why.message) : undefined)

const act = actionsOn<OrderRow>()

export const orderActions = {
  confirm: {
    batch: 'orders.confirm',
    path: '/orders/confirm',
    words: ['确认', 'Confirm'],
    letter: 'C',
    permission: 'orders.confirm',
    primary: true,
    done: ['{n} 单已确认', '{n} confirmed'],
    undo: {
      path: '/orders/unconfirm',
      permission: 'orders.unconfirm',
      done: ['{n} 单已反确认', '{n} unconfirmed'],
    },
    tabs: ['all', 'unconfirmed', 'problem'],
    // Who has locked them, and what is not paid, the server knows: no more is promised than what the list tells.
    able: {
      list: '/orders',
      filter: { tab: 'unconfirmed', held: 'false', problem: 'false' },
      words: ['其中没挂起、没问题的 {n} 条', '{n} of them are not on hold and have no problem'],
    },
    why: unless('confirm'),
  },
  send: act(deliveryVerbs.release, {
    letter: 'S',
    primary: true,
    made: {
      words: ['去发货', 'Go to shipping'],
      to: (orders) => `/deliveries?numbers=${orders.join(',')}`,
    },
    tabs: ['confirmed'],
    why: unless('release'),
  }),
  unconfirm: {
    batch: 'orders.unconfirm',
    path: '/orders/unconfirm',
    words: ['反确认', 'Unconfirm'],
    letter: 'T',
    permission: 'orders.unconfirm',
    done: ['{n} 单已反确认', '{n} unconfirmed'],
    undo: { path: '/orders/confirm', permission: 'orders.confirm', done: ['{n} 单已确认', '{n} confirmed'] },
    tabs: ['confirmed'],
    why: unless('unconfirm'),
  },
  waive: {
    batch: 'orders.waive',
    path: '/orders/waive',
    words: ['放行', 'Waive'],
    letter: 'W',
    permission: 'orders.confirm',
    done: ['{n} 单的问题已放行', 'Problems of {n} waived'],
    confirm: [
      '放行 {n} 单的全部问题。自动确认开着时，随后就会确认。',
      'Waive every problem of {n}. Rules may then confirm them.',
    ],
    tabs: ['problem'],
    why: (row, say) => (row.openProblems > 0 ? undefined : say(['没有可放行的问题', 'No open problem'])),
  },
  lock: {
    batch: 'orders.lock',
    path: '/orders/lock',
    words: ['锁定', 'Lock'],
    letter: 'L',
    permission: 'orders.lock',
    done: ['{n} 单已锁定', '{n} locked'],
    undo: { path: '/orders/unlock', permission: 'orders.lock', done: ['{n} 单已解锁', '{n} unlocked'] },
    tabs: ['unconfirmed', 'problem'],
    why: (row, say) =>
      row.lockedName === ''
        ? undefined
        : say(['{name} 锁定中', 'Locked by {name}'], { name: row.lockedName }),
  },
  unlock: {
    batch: 'orders.unlock',
    path: '/orders/unlock',
    words: ['解锁', 'Unlock'],
    letter: 'O',
    permission: 'orders.lock',
    done: ['{n} 单已解锁', '{n} unlocked'],
    tabs: ['all'],
    why: (row, say) => (row.lockedName === '' ? say(['没有锁定', 'Not locked']) : undefined),
  },
  forceUnlock: {
    batch: 'orders.force_unlock',
    path: '/orders/force-unlock',
    words: ['强制解锁', 'Force unlock'],
    letter: 'O',
    permission: 'orders.unlock',
    done: ['{n} 单已解锁', '{n} unlocked'],
    confirm: ['解开 {n} 单别人的锁定。', 'Unlock {n} that somebody else has locked.'],
    tabs: [],
  },
  memo: {
    batch: 'orders.memo',
    path: '/orders/memo',
    words: ['备注插旗', 'Memo and flag'],
    permission: 'memo.write',
    done: ['{n} 单的备注正在写回平台', 'Memos of {n} are being written back'],
    input: (props) => <MemosDialog {...props} />,
  },
  urgent: {
    batch: 'orders.urgent',
    path: '/orders/urgent',
    words: ['加急', 'Urgent'],
    letter: 'Y',
    permission: 'orders.edit',
    done: ['{n} 单已改', '{n} changed'],
    tabs: ['unconfirmed', 'problem', 'short', 'confirmed', 'released'],
    input: (props) => <UrgentDialog {...props} />,
  },
  courier: {
    batch: 'orders.courier',
    path: '/orders/courier',
    words: ['改快递', 'Courier'],
    letter: 'D',
    permission: 'orders.edit',
    done: ['{n} 单已改快递', 'Courier of {n} changed'],
    tabs: ['unconfirmed', 'problem'],
    input: (props) => <CourierDialog {...props} />,
  },
  warehouse: {
    batch: 'orders.warehouse',
    path: '/orders/warehouse',
    words: ['改仓', 'Warehouse'],
    letter: 'Z',
    permission: 'orders.edit',
    done: ['{n} 单已改仓', 'Warehouse of {n} changed'],
    tabs: ['unconfirmed', 'problem', 'short'],
    input: (props) => <WarehouseDialog {...props} />,
  },
  choose: {
    batch: 'orders.choose',
    path: '/orders/choose',
    words: ['按规则重选', 'By the rules'],
    permission: 'orders.edit',
    done: ['{n} 单重选了仓库或快递', '{n} chosen anew'],
    tabs: ['unconfirmed', 'problem', 'short'],
    input: (props) => <ChooseDialog {...props} />,
  },
  split: {
    batch: 'orders.split',
    path: '/orders/split-by',
    words: ['拆单', 'Split'],
    letter: 'Q',
    permission: 'orders.split',
    done: ['{n} 单已拆', '{n} split'],
    tabs: ['unconfirmed', 'short', 'presale', 'confirmed'],
    why: (row, say) => refused(whySplitNever(row), say),
    input: (props) => <SplitDialog {...props} />,
  },
  unsplit: {
    batch: 'orders.unsplit',
    path: '/orders/unsplit',
    words: ['取消拆单', 'Unsplit'],
    permission: 'orders.split',
    done: ['{n} 单已合回原单', '{n} put back'],
    confirm: ['把 {n} 单的商品合回原单。', 'Put the goods of {n} back on what they were split from.'],
    tabs: [],
  },
  merge: {
    batch: 'orders.merge',
    path: '/orders/merge',
    words: ['合单', 'Merge'],
    permission: 'orders.split',
    done: ['{n} 单已合成包裹', '{n} merged into parcels'],
    undo: {
      path: '/orders/unmerge',
      permission: 'orders.split',
      done: ['{n} 单已取消合单', '{n} taken out of their parcels'],
    },
    tabs: ['unconfirmed', 'problem', 'confirmed'],
  },
  mergeMates: {
    path: '/orders/merge-mates',
    words: ['合单', 'Merge'],
    permission: 'orders.split',
    done: ['{n} 单已合成包裹', '{n} merged into parcels'],
    tabs: [],
  },
  unmerge: {
    batch: 'orders.unmerge',
    path: '/orders/unmerge',
    words: ['取消合单', 'Unmerge'],
    permission: 'orders.split',
    done: ['{n} 单已取消合单', '{n} taken out of their parcels'],
    tabs: [],
    why: (row, say) => refused(whyNotUnmerged(row), say),
  },
  gifts: {
    batch: 'orders.gifts',
    path: '/orders/gifts',
    words: ['重算赠品', 'Gifts anew'],
    permission: 'orders.edit',
    done: ['{n} 单的赠品变了', 'Gifts of {n} changed'],
    tabs: ['unconfirmed', 'problem', 'short'],
  },
  addGift: {
    batch: 'orders.gift_add',
    path: '/orders/gifts/add',
    words: ['加赠品', 'Add a gift'],
    permission: 'orders.edit',
    done: ['{n} 单加了赠品', 'Gift added to {n}'],
    tabs: ['unconfirmed', 'problem'],
    input: (props) => <AddGiftDialog {...props} />,
  },
  removeGift: {
    batch: 'orders.gift_remove',
    path: '/orders/gifts/remove',
    words: ['去赠品', 'Take off a gift'],
    permission: 'orders.edit',
    done: ['{n} 单去掉了赠品', 'Gift taken off {n}'],
    tabs: ['unconfirmed', 'problem', 'short'],
    input: (props) => <RemoveGiftDialog {...props} />,
  },
  shipAfter: {
    batch: 'orders.ship_after',
    path: '/orders/ship-after',
    words: ['计划发货日', 'Ship date'],
    letter: 'P',
    permission: 'orders.edit',
    done: ['{n} 单已定', '{n} planned'],
    tabs: ['unconfirmed', 'problem', 'presale', 'confirmed'],
    why: (row, say) => refused(whyNotPlanned(row.status), say),
    input: (props) => <ShipAfterDialog {...props} />,
  },
  bookPayment: {
    batch: 'orders.book_payment',
    path: '/orders/book-payment',
    words: ['登记付款', 'Book payment'],
    permission: 'orders.create',
    done: ['{n} 单已登记付款', 'Payment of {n} booked'],
    confirm: ['登记 {n} 单已付款。', 'Book that {n} {n|is|are} paid.'],
    tabs: ['unconfirmed'],
    why: (row, say) => refused(whyNotPaid({ ...row, paid: row.paidAt !== null }), say),
  },
  blacklist: {
    path: '/orders/blacklist',
    words: ['拉黑', 'Blacklist'],
    permission: 'orders.blacklist',
    danger: true,
    done: ['{n} 单的买家已拉黑', 'Buyers of {n} blacklisted'],
    tabs: ['all', 'unconfirmed', 'problem'],
    input: (props) => <BlacklistDialog {...props} />,
  },
  hold: {
    batch: 'orders.hold',
    path: '/orders/hold',
    words: ['挂起', 'Hold'],
    letter: 'H',
    permission: 'orders.hold',
    done: ['{n} 单已挂起', '{n} on hold'],
    tabs: ['all', 'unconfirmed', 'problem', 'held', 'differs', 'short', 'confirmed', 'released'],
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
  shipOver: {
    path: '/orders/ship-over',
    words: ['退款中照发', 'Ship over the refund'],
    permission: 'orders.ship_over_refund',
    danger: true,
    done: ['已放行，退款有变会再挂起', 'Let through; held again if the refund becomes worse'],
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
  },
  void: {
    batch: 'orders.void',
    path: '/orders/void',
    words: ['作废', 'Void'],
    letter: 'V',
    permission: 'orders.void',
    danger: true,
    done: ['{n} 单已作废', '{n} voided'],
    undo: {
      path: '/orders/restore',
      permission: 'orders.restore',
      done: ['{n} 单已恢复为未确认', '{n} restored to unconfirmed'],
    },
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
  },
  settle: {
    batch: 'orders.settle_differences',
    path: '/orders/settle-differences',
    words: ['处理差异', 'Settle changes'],
    letter: 'I',
    permission: 'orders.hold',
    done: ['{n} 单的差异已处理', 'Changes of {n} settled'],
    tabs: ['differs'],
    input: (props) => <SettleDialog {...props} />,
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

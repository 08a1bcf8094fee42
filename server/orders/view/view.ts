import { skuNames } from '../../catalog/names.ts'
import type { By } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { Refusal } from '../../core/decide.ts'
import { extraRefundsOfOrder } from '../../finance/extra-refunds.ts'
import { settlementsOfOrder } from '../../finance/settlement-rows.ts'
import { warehousesById } from '../../inventory/warehouses.ts'
import { sharedNow } from '../../lib/clock.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { relationsOf } from '../create/copy-queries.ts'
import { otherLockOwner } from '../order/access.ts'
import { whyNotPaid, whyNotPlanned } from '../order/desk-rules.ts'
import { heldBySystem } from '../order/hold-rules.ts'
import {
  type EditField,
  editFields,
  isUnshipped,
  type OrderFacts,
  orderEventNames,
  platformChangeRules,
  presaleUntilOf,
  statusWords,
  whyEditLocked,
  whyNotEdited,
  whyNotOrder,
} from '../order/lifecycle.ts'
import { shownCandidates } from '../shipments/merge-mates.ts'
import { whyNotUnmerged } from '../shipments/merge-rules.ts'
import { whyNotUnsplit, whySplitNever } from '../split/split-rules.ts'
import type { OrderDetail } from './contract.ts'
import { moneyOf } from './money.ts'
import { shownNotices } from './view-notices.ts'
import {
  earlierRefunds,
  orderEvents,
  orderHolds,
  orderLines,
  orderProblems,
  orderRefunds,
  platformChangesOf,
  wholeOrder,
} from './view-queries.ts'

export async function viewOrder(
  db: Database,
  id: string,
  { actor, scope }: By,
): Promise<OrderDetail | undefined> {
  const found = await wholeOrder(db, id, scope)
  if (!found) return undefined
  const { lockedBy, ...order } = found
  const lockedByOther = otherLockOwner({ lockedBy, lockedName: order.lockedName }, actor)
  const differences = await platformChangesOf(db, id)
  const holds = await orderHolds(db, id)
  const extraRefunds = await extraRefundsOfOrder(db, id)
  const pending = extraRefunds.filter((row) => row.status !== 'voided')
  const extraPendingFen = pending.reduce((sum, row) => sum + row.amountFen, 0)
  const paidFen = order.paidAt ? order.paymentFen : 0
  const { notices, shipOver } = await shownNotices(db, order)
  const { warehouseId, goodsFen, discountFen, subsidyFen, ...rest } = order
  const refunds = await orderRefunds(db, id)
  const paid = order.paidAt !== null
  const completed = order.status === 'completed'
  const { lines, warehouses } = await goodsOf(db, order)
  const warehouse = warehouses.get(warehouseId ?? '')
  const mates = await shownCandidates(db, id, scope)
  const relations = {
    ...(await relationsOf(db, id, scope)),
    mates: mates.map((mate) => ({ ...mate, reason: '' })),
  }
  return {
    ...rest,
    warehouse: warehouse ? { id: warehouse.id, code: warehouse.code, name: warehouse.name } : null,
    lines,
    holds,
    openDifferences: differences.filter((one) => one.settledAt === null),
    settledDifferences: differences.filter((one) => one.settledAt !== null),
    events: await orderEvents(db, id),
    problems: await orderProblems(db, id),
    lockedByOther: lockedByOther !== '',
    relations,
    money: moneyOf({
      ...{ goodsFen, discountFen, subsidyFen, postFeeFen: order.postFeeFen, paymentFen: order.paymentFen },
      ...{ refundedFen: order.refundedFen, paid, cod: order.cod, completed, refunds, extraRefunds },
    }),
    refunds,
    earlierRefunds: await earlierRefunds(db, id),
    notices,
    extraRefunds,
    settlements: await settlementsOfOrder(db, id),
    extraPendingFen,
    extraLimitFen: Math.max(0, paidFen - order.refundedFen - extraPendingFen),
    actions: [
      ...actionsOf(
        { ...order, lockedByOther },
        holds,
        differences.filter((one) => one.settledAt === null),
        relations,
      ),
      ruled('ship-over', whyEditLocked(lockedByOther) ?? shipOver),
    ],
  }
}

async function goodsOf(db: Database, { id, warehouseId }: { id: string; warehouseId: string | null }) {
  const lines = await orderLines(db, id)
  const skus = await skuNames(
    db,
    lines.flatMap(({ skuId, rematchedId, substituteForId }) =>
      [skuId, rematchedId, substituteForId].flatMap((one) => one ?? []),
    ),
  )
  const warehouses = await warehousesById(db, [
    ...new Set([...lines.map((line) => line.warehouseId), warehouseId].flatMap((one) => one ?? [])),
  ])
  return {
    warehouses,
    lines: lines.map((line) => {
      const { warehouseId: at, rematchedId, substituteForId, ...rest } = line
      const { code = '', name = '', spec = '' } = skus.get(line.skuId ?? '') ?? {}
      return {
        ...rest,
        skuCode: code,
        skuName: [name, spec].filter(Boolean).join(' '),
        warehouse: warehouses.get(at ?? '')?.name ?? '',
        substituteFor: skus.get(substituteForId ?? '')?.code ?? '',
        rematchedTo: line.skuId === null ? '' : (skus.get(rematchedId ?? '')?.code ?? ''),
      }
    }),
  }
}

type Order = Omit<NonNullable<Awaited<ReturnType<typeof wholeOrder>>>, 'lockedBy'> & { lockedByOther: string }
type Action = OrderDetail['actions'][number]

function actionsOf(
  order: Order,
  holds: OrderDetail['holds'],
  open: OrderDetail['openDifferences'],
  relations: OrderDetail['relations'],
): Action[] {
  const events = orderEventNames.map((event): Action => {
    const refusal = whyNotOrder(factsOf(order), event)
    return refusal ? no(event, refusal.code, refusal.message) : yes(event)
  })
  const others = [
    ...editFields.map((field) => editAction(order, field)),
    payAction(order),
    shipAfterAction(order),
    ruled('split', whySplitNever(order)),
    ruled('unsplit', whyNotUnsplit(order, relations.root)),
    ruled('unmerge', whyNotUnmerged(order)),
    waiveAction(order),
    lockAction(order),
    holdAction(order),
    liftHoldAction(holds),
    applyAction(order, open),
    ignoreAction(open),
  ]
  const locked = whyEditLocked(order.lockedByOther)
  if (!locked) return [...events, unlockAction(order), ...others]
  const refused = others.map(({ action }) => no(action, locked.code, locked.message))
  return [
    ...events.map((one) =>
      one.action === 'void' && one.allowed ? no('void', locked.code, locked.message) : one,
    ),
    no('unlock', locked.code, locked.message),
    yes('force-unlock'),
    ...refused,
  ]
}

function factsOf(order: Order): OrderFacts {
  return {
    status: order.status,
    openHolds: order.openHolds,
    paid: order.paidAt !== null,
    cod: order.cod,
    refundedWhole:
      (order.paymentFen > 0 && order.refundedFen >= order.paymentFen) ||
      order.refundedQuantity >= order.quantity,
    writtenBack: order.writtenBackAt !== null,
    cameBack: order.cameBack,
    short: order.short || order.unmatched || order.unasked,
    lockedByOther: order.lockedByOther,
    openProblems: order.openProblems,
    presaleUntil: presaleUntilOf(order.shipAfter, sharedNow()),
  }
}

function editAction({ status }: Order, field: EditField): Action {
  const why = whyNotEdited(status, field)
  return why ? no(`edit-${field}`, why.code, why.message) : yes(`edit-${field}`)
}

function payAction(order: Order): Action {
  const why = whyNotPaid({ ...order, paid: order.paidAt !== null })
  return why ? no('book-payment', why.code, why.message) : yes('book-payment')
}

function shipAfterAction({ status }: Order): Action {
  const why = whyNotPlanned(status)
  return why ? no('ship-after', why.code, why.message) : yes('ship-after')
}

function waiveAction({ openProblems }: Order): Action {
  return openProblems > 0
    ? yes('waive')
    : no('waive', 'no_problem', { zh: '没有可放行的问题', en: 'No open problem' })
}

function lockAction({ status, lockedName }: Order): Action {
  if (lockedName !== '') return no('lock', 'already', { zh: '已由你锁定', en: 'Locked by you already' })
  if (isUnshipped(status)) return yes('lock')
  const words = statusWords[status]
  return no('lock', 'wrong_status', { zh: `${words.zh}，不能锁定`, en: `${words.en}: cannot lock` })
}

function unlockAction({ lockedName }: Order): Action {
  return lockedName === '' ? no('unlock', 'not_locked', { zh: '没有锁定', en: 'Not locked' }) : yes('unlock')
}

function holdAction({ status }: Order): Action {
  if (isUnshipped(status)) return yes('hold')
  const words = statusWords[status]
  return no('hold', 'wrong_status', { zh: `${words.zh}，不能挂起`, en: `${words.en}: cannot hold` })
}

function liftHoldAction(holds: OrderDetail['holds']): Action {
  const open = holds.filter((hold) => hold.releasedAt === null)
  if (open.length === 0) return no('release-hold', 'not_held', { zh: '没有挂起', en: 'Not on hold' })
  const stay = open.map((hold) => heldBySystem(hold.reason))
  const why = stay.find((refusal) => refusal !== undefined)
  return why === undefined || stay.includes(undefined)
    ? yes('release-hold')
    : no('release-hold', why.code, why.message)
}

function applyAction({ status }: Order, open: OrderDetail['openDifferences']): Action {
  if (open.length === 0) return no('apply-differences', 'no_difference', noDifference)
  const applies = open.some(({ kind }) => {
    const rule = platformChangeRules[kind].applies
    return rule === 'any' || (rule === 'unconfirmed' && status === 'unconfirmed')
  })
  const byHand = { zh: '不能自动应用，手工处理后忽略', en: 'Handle it by hand, then ignore' }
  return applies ? yes('apply-differences') : no('apply-differences', 'cannot_apply', byHand)
}

function ignoreAction(open: OrderDetail['openDifferences']): Action {
  return open.length > 0 ? yes('ignore-differences') : no('ignore-differences', 'no_difference', noDifference)
}

const ruled = (action: string, why: Refusal | undefined) =>
  why ? no(action, why.code, why.message) : yes(action)

const noDifference = { zh: '没有未处理的平台变更', en: 'No open difference' }
const yes = (action: string): Action => ({ action, allowed: true, code: '', message: null })
const no = (action: string, code: string, { zh, en }: LocalizedText): Action => ({
  action,
  allowed: false,
  code,
  message: { zh, en },
})

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
import { nothingOpen, whyNotApplied } from '../order/change-rules.ts'
import { whyNotPaid, whyNotPlanned } from '../order/desk-rules.ts'
import { heldBySystem } from '../order/hold-rules.ts'
import {
  editFields,
  isUnshipped,
  orderEventNames,
  statusWords,
  whyEditLocked,
  whyNotEdited,
  whyNotOrder,
} from '../order/lifecycle.ts'
import { isPaid } from '../order/paid-rules.ts'
import { factsOfShown } from '../order/shown-rules.ts'
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
  const paid = isPaid({ ...order, paid: order.paidAt !== null })
  const paidFen = paid ? order.paymentFen : 0
  const { notices, shipOver } = await shownNotices(db, order)
  const { warehouseId, goodsFen, discountFen, subsidyFen, ...rest } = order
  const refunds = await orderRefunds(db, id)
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
      ...{ refundedFen: order.refundedFen, paid, refunds, extraRefunds },
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
  const facts = factsOfShown(order, { ...order, now: sharedNow() })
  const events = orderEventNames.map((event) => ruled(event, whyNotOrder(facts, event)))
  const others = [
    ...editFields.map((field) => ruled(`edit-${field}`, whyNotEdited(order.status, field))),
    ruled('book-payment', whyNotPaid({ ...order, paid: order.paidAt !== null })),
    ruled('ship-after', whyNotPlanned(order.status)),
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

function applyAction(order: Order, open: OrderDetail['openDifferences']): Action {
  const refusals = open.map(({ kind }) => whyNotApplied(kind, order.status))
  return ruled('apply-differences', refusals.includes(undefined) ? undefined : (refusals[0] ?? nothingOpen))
}

function ignoreAction(open: OrderDetail['openDifferences']): Action {
  return ruled('ignore-differences', open.length > 0 ? undefined : nothingOpen)
}

const ruled = (action: string, why: Refusal | undefined) =>
  why ? no(action, why.code, why.message) : yes(action)

const yes = (action: string): Action => ({ action, allowed: true, code: '', message: null })
const no = (action: string, code: string, { zh, en }: LocalizedText): Action => ({
  action,
  allowed: false,
  code,
  message: { zh, en },
})

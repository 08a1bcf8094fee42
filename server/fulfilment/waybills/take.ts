import { waybillSources } from '../../carriers/index.ts'
import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { enqueueActions } from '../../core/outbox/actions.ts'
import { chunksOf } from '../../lib/chunks.ts'
import { noteShipping, stopsOf } from '../../orders/holds/shipping.ts'
import { type LockedDelivery, lockDeliveries, outcomesOfDeliveries } from '../held.ts'
import { whyNotDelivery } from '../lifecycle.ts'
import { liveNumbers } from '../numbers.ts'
import type { FailedNumber } from '../waybill-states.ts'
import type { AccountFacts } from './account-queries.ts'
import { type Decision, decideAccount } from './choose-account.ts'
import { type Asked, insertAsked, setActions, waitingNumbers } from './number-queries.ts'
import { accountTable, leadsOf, parcelFacts } from './parcel-facts.ts'

/** The kind of platform action that takes numbers; payload `TakePayload`. */
export const takeKind = 'waybill.take'
export type TakePayload = { accountId: string; source: string; waybillIds: string[] }

/**
 * 取号: asks a source for a waybill number for each parcel. The platform of the shop fixes the source; within that the rules choose the
 * account, or else the order's courier, its warehouse and its shop. One request for a merged shipment; a delivery that has a waybill, or a request, gets none.
 *
 * Lock order: orders with their shipments, by `lockDeliveries`; then the requests. Calls are made by the outbox, after the commit.
 */
export async function takeNumbers(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  const held = await lockDeliveries(tx, ids, scope)
  const orderIds = held.map(({ order }) => order.id)
  const stops = await stopsOf(tx, orderIds)
  const live = await liveNumbers(
    tx,
    held.map(({ delivery }) => delivery.id),
  )
  // The request of a merged shipment belongs to its first delivery.
  const askedParcels = new Set(
    held.flatMap(({ delivery: { id, parcel } }) =>
      parcel !== null && live.get(id) === 'asked' ? [parcel] : [],
    ),
  )
  const table = await accountTable(tx)
  const facts = await parcelFacts(
    tx,
    held.map(({ order }) => order),
  )
  const decisions = new Map([...facts].map(([id, parcel]) => [id, decideAccount(table, parcel)]))
  const leads = leadsOf(held, facts)
  const decisionOf = ({ delivery, order }: LockedDelivery) =>
    decisions.get(leads.get(delivery.parcel ?? '') ?? order.id)
  const { outcomes, done } = outcomesOfDeliveries(ids, held, (one) => {
    const { delivery, order } = one
    const account = decisionOf(one)?.chosen
    return (
      whyNotDelivery(delivery, 'number') ??
      (live.get(delivery.id) === 'asked' || askedParcels.has(delivery.parcel ?? '')
        ? alreadyAsked
        : undefined) ??
      stops.get(order.id) ??
      (account && 'code' in account ? account : undefined)
    )
  })
  const rows = firstOfParcels(done).flatMap((one): Asked[] => {
    const { id: deliveryId, shopId } = one.delivery
    const account = decisionOf(one)?.chosen
    if (!account || 'code' in account) return []
    return [{ deliveryId, shopId, accountId: account.id, courier: account.courier }]
  })
  const asked = await insertAsked(tx, rows, actor.name)
  await enqueueTakes(tx, asked, table.accounts, actor)
  const events = held
    .filter(({ delivery }) => asked.some(({ deliveryId }) => deliveryId === delivery.id))
    .map((one) => ({
      orderId: one.order.id,
      event: 'number_asked',
      detail: chosenDetail(decisionOf(one)),
    }))
  await noteShipping(tx, events, actor)
  return outcomes
}

/** What the order's history says: the account, and the position of the rule that chose it. */
function chosenDetail(decision: Decision | undefined) {
  if (!decision || 'code' in decision.chosen) return {}
  const { courier, branchName } = decision.chosen
  return { courier, account: branchName, numberRule: decision.rule }
}

/** One delivery of each parcel: the one of the lowest order, by which the parcel's number is kept. */
function firstOfParcels(held: readonly LockedDelivery[]): LockedDelivery[] {
  const first = new Map<string, LockedDelivery>()
  for (const one of held) {
    const key = one.delivery.parcel ?? `delivery ${one.delivery.id}`
    const known = first.get(key)
    if (!known || BigInt(one.delivery.orderId) < BigInt(known.delivery.orderId)) first.set(key, one)
  }
  return [...first.values()]
}

/**
 * Parcels of one action, for a source that gives a repeated request its number again: its calls are made side by side, however many the
 * shop's own platform allows, and their results are written together.
 */
const parcelsAtOnce = 10

/**
 * Enqueues one action for as many parcels of an account and a shop as one call of its source takes, or `parcelsAtOnce`; a call names one
 * seller.
 */
async function enqueueTakes(
  tx: Tx,
  asked: readonly { id: string; accountId: string; shopId: string }[],
  accounts: readonly AccountFacts[],
  actor: By['actor'],
): Promise<void> {
  const calls = [...Map.groupBy(asked, (one) => `${one.accountId}/${one.shopId}`).values()].flatMap(
    (rows) => {
      const account = accounts.find(({ id }) => id === rows[0]?.accountId)
      const source = waybillSources.find(({ id }) => id === account?.source)
      const most = Math.max(source?.mostParcels ?? 1, source?.unclear === 'same_number' ? parcelsAtOnce : 1)
      return account
        ? chunksOf(
            rows.map(({ id }) => id),
            most,
          ).map((waybillIds) => ({ account, waybillIds }))
        : []
    },
  )
  const actions = calls.map(({ account, waybillIds }) => ({
    shopId: account.shopId,
    kind: takeKind,
    subject: { type: 'waybill', id: waybillIds[0] ?? '' },
    idempotencyKey: keyOf(waybillIds),
    payload: { accountId: account.id, source: account.source, waybillIds } satisfies TakePayload,
  }))
  const made = await enqueueActions(tx, actions, actor)
  await setActions(
    tx,
    calls.flatMap(({ waybillIds }) =>
      waybillIds.map((id) => ({ id, actionId: made.get(keyOf(waybillIds)) })),
    ),
  )
}

const keyOf = ([first]: readonly string[]) => `${takeKind}/${first}`

const alreadyAsked: Refusal = {
  code: 'already',
  message: { zh: '正在取号', en: 'A number is being taken' },
}

/**
 * Returns which of these requests must not be sent again, by the id of their action: each of their parcels has failed, and may have a request
 * after it. No request becomes `asked` again, so nothing is locked.
 */
export async function whyNotTaken(
  tx: Tx,
  takes: readonly ({ id: string } & TakePayload)[],
): Promise<ReadonlyMap<string, Refusal>> {
  const waiting = await waitingNumbers(
    tx,
    takes.flatMap(({ waybillIds }) => waybillIds),
  )
  const open = new Set(waiting.map(({ id }) => id))
  return new Map(
    takes.flatMap(({ id, waybillIds }) =>
      waybillIds.some((one) => open.has(one)) ? [] : [[id, takenAnew] as const],
    ),
  )
}

const takenAnew: Refusal = {
  code: 'numbers_ended',
  message: {
    zh: '这次取号已经结束，再试不会取到号。到打单台重新取号',
    en: 'This request has ended and would take no number. Take numbers again at the print desk',
  },
}

/** The result of `waybill.take`: sealed label data in base64, and the parcels that the source refused. */
export type TakeResult = {
  taken: {
    id: string
    waybillNo: string
    printData: string
    courierOrder: string
    /** Undefined in a result of an older program. */
    packages?: { waybillNo: string; printData: string }[]
    /** The source refuses its label, so it goes back, and the parcel is refused for this reason. */
    refused?: Omit<FailedNumber, 'id'>
  }[]
  failed: (FailedNumber & { silent?: boolean })[]
}

/** The labels have buyers' addresses. They are written to their waybills, where an erasure finds them, and stay in no second place. */
export function withoutLabels(result: unknown): unknown {
  if (!isResult(result)) return result
  const bare = <Of extends { printData: string }>({ printData: _label, ...of }: Of) => of
  const taken = result.taken.map((one) => ({ ...bare(one), packages: one.packages?.map(bare) }))
  return { ...result, taken }
}

export const isResult = (value: unknown): value is TakeResult =>
  typeof value === 'object' && value !== null && 'taken' in value && 'failed' in value

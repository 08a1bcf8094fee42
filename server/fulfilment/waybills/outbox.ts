import type { ParcelAsked, WaybillSource } from '../../carriers/carrier.ts'
import { waybillSources } from '../../carriers/index.ts'
import { insuranceOf } from '../../carriers/services-contract.ts'
import type { Call } from '../../connectors/connector.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Action, ActionHandler, Ended } from '../../core/outbox/handlers.ts'
import { AppError } from '../../errors.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { contentsOf, type ParcelContents } from '../../orders/holds/parcel-contents.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { type LockedDelivery, lockDeliveries } from '../held.ts'
import { askBack, type BackPayload, backKind } from '../numbers.ts'
import { lockWaybills } from '../queries.ts'
import { setWaybills } from '../shipping/waybills.ts'
import {
  insertFailed,
  type Taken,
  writeBack,
  writeFailed,
  writeReturningAgain,
  writeSends,
  writeTaken,
} from '../waybill-states.ts'
import { type AccountRow, accountById, accountOfWaybill } from './account-queries.ts'
import { openSender } from './accounts.ts'
import { callSource, inTime, isElsewhere, numberRate } from './calls.ts'
import { whyNotGivenBack } from './give-back.ts'
import { shipmentOrders, type Waiting, waitingNumbers } from './number-queries.ts'
import { isResult, type TakePayload, type TakeResult, takeKind, whyNotTaken, withoutLabels } from './take.ts'
import { takeEach, takeSingly } from './take-each.ts'

/**
 * 取号: takes numbers for up to ten parcels, in one call or each in one of its own. After an unclear answer the source is asked which numbers it gave, if it can be;
 * only the rest is taken again. A parcel that the source refuses does not stop the others. Of requests that are not wanted any more, only
 * numbers that were given already are fetched, so that they can be given back.
 */
export const takingNumbersOf = (sources: readonly WaybillSource[]): ActionHandler<OpenedShop> => ({
  kind: takeKind,
  name: { zh: '取电子面单号', en: 'Take waybill numbers' },
  rank: 0,
  timeoutSeconds: 40,
  lookAfterSeconds: 2,
  async send(shop, action, signal) {
    const { db, ring } = shop.deps
    const account = await accountOf(db, payloadOf(action).accountId)
    const source = sourceOf(account.source, sources)
    const open = await waitingNumbers(db, payloadOf(action).waybillIds)
    const wasSent = action.attempt > 1 || action.unclear
    const waiting = open.filter(({ wanted }) => wanted || (wasSent && source.unclear !== 'neither'))
    const unwanted = new Set(waiting.flatMap((one) => (one.wanted ? [] : [keyOf(one)])))
    const parcels = await parcelsOf(shop.deps, account, waiting)
    // The time begins with the call: it may wait for its turn before.
    const call = <T>(work: (call: Call) => Promise<T>) =>
      callSource(
        shop,
        { source, account, rate: numberRate },
        (own) => inTime(signal, (limited) => work({ ...own, signal: limited })),
        signal,
      )
    const known =
      wasSent && source.lookUp && parcels.length > 0
        ? await call(
            (own) => source.lookUp?.(own, { courier: account.courier, parcels }) ?? Promise.resolve([]),
          )
        : []
    const rest = parcels.filter(
      ({ key }) =>
        !known.some((one) => one.key === key) && !(source.unclear === 'look_up' && unwanted.has(key)),
    )
    const take = (some: readonly ParcelAsked[]) =>
      call((own) => source.take(own, { ...requestOf(ring, account, waiting), parcels: some }))
    const patience = {
      isPatient: action.attempt <= patientAttempts,
      endsLabels: action.attempt >= labelAttempts,
    }
    const { taken, refused } =
      rest.length > source.mostParcels
        ? await takeSingly(rest, take, patience)
        : await takeEach(rest, take, source.unclear, patience)
    const idOf = new Map(waiting.map((one) => [keyOf(one), one.id]))
    const result: TakeResult = {
      taken: [...known, ...taken, ...refused.flatMap(unlabelled)].flatMap(({ key, ...number }) => {
        const id = idOf.get(key)
        const sealed = <Of extends { printData: string }>(of: Of) => ({
          ...of,
          printData: seal(ring, account.shopId, of.printData).toString('base64'),
        })
        return id ? [{ id, ...sealed({ ...number, packages: number.packages.map(sealed) }) }] : []
      }),
      failed: refused.flatMap(({ key, given, ...why }) => {
        const id = idOf.get(key)
        return id && !given ? [{ id, ...why }] : []
      }),
    }
    return result
  },
  keptOf: withoutLabels,
  // Sending again is safe: it looks up first, or the same key gives the same number, or the surplus is found at night.
  look: async () => 'repeat',
  isElsewhere: (action) => isElsewhere(sources.find(({ id }) => id === payloadOf(action).source)),
  whyNotAgain: (tx, actions) =>
    whyNotTaken(
      tx,
      actions.map((action) => ({ id: action.id, ...payloadOf(action) })),
    ),
  onResults: writeNumbers,
})

export const takingNumbers = takingNumbersOf(waybillSources)

/** After so many sends without a clear answer, parcels with a number do not wait any longer for another one of their action. */
const patientAttempts = 6

/** How often a label that is refused is asked for: its number may be too new for the service that makes labels. */
const labelAttempts = 3

/** The number of a parcel whose label is refused, without print data; empty: it has none. */
function unlabelled({ key, given, code, message }: Awaited<ReturnType<typeof takeEach>>['refused'][number]) {
  if (!given) return []
  const packages = given.packageNos.map((waybillNo) => ({ waybillNo, printData: '' }))
  const { waybillNo, courierOrder } = given
  return [{ key, waybillNo, courierOrder, packages, printData: '', refused: { code, message } }]
}

const accountOf = async (db: Database, id: string): Promise<AccountRow> => needed(await accountById(db, id))

function needed<Account>(account: Account | undefined): Account {
  if (!account) throw new AppError('not_found', { what: { zh: '电子面单账号', en: 'Waybill account' } })
  return account
}

function sourceOf(id: string, sources = waybillSources): WaybillSource {
  const source = sources.find((one) => one.id === id)
  if (!source) throw new AppError('not_found', { what: { zh: '电子面单来源', en: 'Waybill source' } })
  return source
}

const keyOf = ({ deliveryId, round }: Waiting) => `d${deliveryId}_${round}`

const requestOf = (ring: KeyRing, account: AccountRow, waiting: readonly Waiting[]) => {
  const sender = openSender(ring, account.shopId, account.sender)
  const { courier, branchCode, templateUrl, services } = account
  const sellerId = waiting[0]?.platformShopId ?? ''
  return { courier, branchCode, sender, templateUrl, services, sellerId }
}

/** Returns the contents of the waiting parcels; a merged shipment has the trades and goods of all its orders. */
async function parcelsOf(
  { db, ring }: Pick<OpenedShop['deps'], 'db' | 'ring'>,
  account: AccountRow,
  waiting: readonly Waiting[],
): Promise<ParcelAsked[]> {
  const shipments = await shipmentOrders(
    db,
    waiting.flatMap(({ parcel }) => parcel ?? []),
  )
  const ordersOf = ({ parcel, orderId }: Waiting) => {
    const all = shipments.filter((one) => one.parcel === parcel).map((one) => one.orderId)
    // An order that was taken back is alone again; its number, which may have been given, is found by it.
    return parcel !== null && all.includes(orderId) ? all : [orderId]
  }
  const contents = await contentsOf(db, ring, waiting.flatMap(ordersOf))
  return waiting.flatMap((one) => {
    const inside = ordersOf(one).flatMap((id) => contents.get(id) ?? [])
    // Off-platform orders may go along with a trade; the platform knows only the trade.
    const trades = inside.filter(({ fromTrade }) => fromTrade)
    const [first] = trades.length > 0 ? trades : inside
    if (!first) return []
    return {
      key: keyOf(one),
      platform: first.fromTrade ? one.platform : '',
      tids: [...new Set((first.fromTrade ? trades : inside).map(({ tid }) => tid))],
      receiver: first.receiver,
      receiverTid: first.receiverTid,
      goods: inside.flatMap(({ goods }) => goods),
      packages: one.packageCount,
      weightG: inside.reduce<number | null>(
        (sum, { weightG }) => (sum === null || weightG === null ? null : sum + weightG),
        0,
      ),
      // A merged shipment has no cash on delivery.
      codFen: inside.length === 1 ? first.codFen : null,
      insuredFen: insuredValue(account, inside),
      toDoor: inside.some(({ toDoor }) => toDoor),
    }
  })
}

/** A value that a person gave goes before the account's rule, which insures goods of enough worth for at most its limit. */
function insuredValue(
  { services, insureFromFen, insureMostFen }: AccountRow,
  inside: readonly ParcelContents[],
): number | null {
  const said = inside.flatMap(({ insuredFen }) => insuredFen ?? [])
  const sum = (all: readonly number[]) => all.reduce((one, other) => one + other, 0)
  if (said.length > 0) return sum(said) || null
  const value = sum(inside.map(({ valueFen }) => valueFen))
  if (insureFromFen === null || value < insureFromFen || insuranceOf(services) === '') return null
  return Math.min(value, insureMostFen ?? value) || null
}

const withBytes = <Of extends { printData: string }>(of: Of) => ({
  ...of,
  printData: Buffer.from(of.printData, 'base64'),
})

type Arrived = { waiting: Waiting; number: TakeResult['taken'][number] }

/**
 * Writes the numbers to their deliveries. A delivery that was cancelled, shipped or changed, or got another waybill meanwhile, does not take
 * its number, which is given back.
 */
async function writeNumbers(tx: Tx, ended: readonly Ended[]): Promise<void> {
  await lockWaybills(tx)
  const results = ended.map(resultOf)
  const ids = ended.flatMap(({ action }) => payloadOf(action).waybillIds)
  const asked = await waitingNumbers(tx, ids)
  const held = await lockDeliveries(
    tx,
    asked.map(({ deliveryId }) => deliveryId),
    wholeScope,
  )
  // Numbers are written under the locks of their orders only, as by those who give a number up.
  await writeSends(
    tx,
    ended.flatMap((one) => sendsOf(one, resultOf(one))).filter(({ sends }) => sends > 1),
  )
  // Read once more: until its order is locked a request may become unwanted.
  const open = await waitingNumbers(tx, ids)
  const arrived = results
    .flatMap(({ taken }) => taken)
    .flatMap((number): Arrived[] => {
      const waiting = open.find(({ id }) => id === number.id)
      return waiting ? [{ waiting, number }] : []
    })
  const accepted = await giveToDeliveries(tx, arrived, held)
  await writeTaken(
    tx,
    arrived.map(
      ({ waiting, number: { packages = [], refused: _refused, ...number } }): Taken => ({
        ...withBytes(number),
        packages: packages.map(withBytes),
        state: accepted.has(waiting.id) ? 'taken' : 'returning',
      }),
    ),
  )
  const failed = results.flatMap((one) => one.failed)
  // A parcel without receiver or pending delivery is not sent to the source, and must not stay asked for ever.
  const unsent = open
    .filter(
      ({ id }) => !arrived.some(({ number }) => number.id === id) && !failed.some((one) => one.id === id),
    )
    .map(({ id, wanted }) => ({ id, code: wanted ? 'nothing_to_send' : 'not_wanted', message: '' }))
  await writeFailed(tx, [...failed, ...unsent])
  // A number without a label is given back, and its parcel has a failed request beside it, which a new one follows.
  await insertFailed(
    tx,
    arrived.flatMap(({ waiting: { id, wanted }, number: { refused } }) =>
      wanted && refused ? [{ id, ...refused }] : [],
    ),
  )
  const unwanted = arrived.filter(({ waiting }) => !accepted.has(waiting.id))
  const back = unwanted.map(
    ({ waiting: { accountShopId: shopId, ...waiting }, number: { id, waybillNo, packages = [] } }) => {
      const { deliveryId, courier, source } = waiting
      const packageNos = packages.map((one) => one.waybillNo)
      return { id, deliveryId, courier, waybillNo, source, shopId, packageNos }
    },
  )
  if (back.length > 0) await askBack(tx, back, systemActor)
}

/** How often each request was sent; one more if its last sending may have given a number that never came. */
function sendsOf({ action, outcome }: Ended, { failed }: TakeResult) {
  const byHand = outcome.state === 'forced' || outcome.state === 'manual'
  const silent = new Set(failed.flatMap((one) => (one.silent ? [one.id] : [])))
  // A person who tries an unclear action again lets its attempts begin again.
  const least = action.unclear ? 2 : 0
  return payloadOf(action).waybillIds.map((id) => ({
    id,
    sends: Math.max(least, action.attempt + (action.attempt > 0 && (byHand || silent.has(id)) ? 1 : 0)),
  }))
}

/** Returns the requests whose delivery has their number now. */
async function giveToDeliveries(
  tx: Tx,
  arrived: readonly Arrived[],
  held: readonly LockedDelivery[],
): Promise<ReadonlySet<string>> {
  const free = new Set(
    held.flatMap(({ delivery: { id, status, waybillNo } }) =>
      status === 'pending' && waybillNo === '' ? [id] : [],
    ),
  )
  const numbers = arrived.flatMap(({ waiting: { deliveryId, courier, wanted }, number }) => {
    const packageNos = (number.packages ?? []).map(({ waybillNo }) => waybillNo)
    return wanted && free.has(deliveryId) && !number.refused
      ? [{ deliveryId, courier, waybillNo: number.waybillNo, packageNos }]
      : []
  })
  const outcomes = await setWaybills(tx, numbers, { actor: systemActor, scope: wholeScope }, 'source')
  const given = new Set(outcomes.flatMap((one) => (one.done ? [one.id] : [])))
  return new Set(
    arrived.flatMap(({ waiting: { id, deliveryId, wanted }, number: { refused } }) =>
      wanted && !refused && given.has(deliveryId) ? [id] : [],
    ),
  )
}

/** What the action's end means for its requests. An action that a person ended, or that failed, took no number. */
function resultOf({ action, outcome }: Ended): TakeResult {
  if (outcome.state === 'succeeded' && isResult(outcome.result)) return outcome.result
  const why =
    outcome.state === 'failed'
      ? { code: outcome.code, message: outcome.message }
      : { code: 'ended_by_hand', message: '' }
  return { taken: [], failed: payloadOf(action).waybillIds.map((id) => ({ id, ...why })) }
}

function payloadOf({ id, payload }: Action): TakePayload {
  if (isTakePayload(payload)) return payload
  throw new Error(`Action ${id} names no waybill requests.`)
}

const isTakePayload = (value: unknown): value is TakePayload =>
  typeof value === 'object' && value !== null && 'waybillIds' in value && 'accountId' in value

/** 退号: gives one number back. A source that refuses keeps it: the parcel is under way, or it was given back there. */
export const givingBack: ActionHandler<OpenedShop> = {
  kind: backKind,
  name: { zh: '退回电子面单号', en: 'Give a waybill number back' },
  rank: 2,
  async send(shop, action, signal) {
    const { waybillId, source: sourceId, courier, waybillNo, ...back } = backOf(action)
    const source = sourceOf(sourceId)
    const account = needed(await accountOfWaybill(shop.deps.db, waybillId))
    const { courierOrder } = account
    const packageNos = back.packageNos ?? account.packageNos
    const given = { courier, waybillNo, courierOrder, packageNos }
    await callSource(shop, { source, account }, (call) => source.giveBack(call, given), signal)
    return null
  },
  look: async () => 'repeat',
  isElsewhere: (action) => isElsewhere(waybillSources.find(({ id }) => id === backOf(action).source)),
  whyNotAgain: (tx, actions) =>
    whyNotGivenBack(
      tx,
      actions.map((action) => ({ id: action.id, ...backOf(action) })),
    ),
  beforeRetry: (tx, actions) =>
    writeReturningAgain(
      tx,
      actions.map((action) => backOf(action).waybillId),
    ),
  onResults: (tx, ended) =>
    writeBack(
      tx,
      ended.map(({ action, outcome }) => {
        const id = backOf(action).waybillId
        if (outcome.state === 'failed')
          return { id, state: 'kept', code: outcome.code, message: outcome.message }
        return { id, state: outcome.state === 'manual' ? 'kept' : 'returned', code: '', message: '' }
      }),
    ),
}

function backOf({ id, payload }: Action): BackPayload {
  if (isBackPayload(payload)) return payload
  throw new Error(`Action ${id} names no number.`)
}

const isBackPayload = (value: unknown): value is BackPayload =>
  typeof value === 'object' && value !== null && 'waybillId' in value && 'waybillNo' in value

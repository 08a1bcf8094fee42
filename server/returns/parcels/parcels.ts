import { skusOfCodes } from '../../catalog/names.ts'
import { type Actor, type By, systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { answerEach, numbered, type Outcome, type Refusal } from '../../core/decide.ts'
import { type ReceivedStock, receiveStock } from '../../inventory/documents/take-in.ts'
import { defectiveWarehouses } from '../../inventory/warehouses.ts'
import { monthlessPhoneKey } from '../../lib/people.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { enqueueWaybillMatch, noSuchWarehouse } from '../create.ts'
import { type ParcelEvent, whyNotParcel } from '../lifecycle.ts'
import { addReturnEvents, linesOf, partsOf, type ReturnLine, type ReturnPart } from '../queries.ts'
import { type Receipt, receiveLocked } from '../receiving/receive.ts'
import { lockReturns } from '../transition.ts'
import { returnWarehouses } from '../warehouses.ts'
import {
  insertParcels,
  lockUnclaimedParcels,
  type ParcelGoods,
  type ParcelRow,
  pairsOfWaybills,
  parcelLines,
  writeClaimed,
  writeStocked,
} from './parcel-queries.ts'

export type ParcelInput = {
  warehouseId: string
  courier: string
  waybillNo: string
  phone: string
  note: string
  lines: readonly { skuCode: string; good: number; defective: number }[]
}

/** `id`: id of the created parcel; if the parcel was refused, its waybill, or without a waybill its position in the request. */
export type Registered = Outcome

/**
 * 登记无主件: registers parcels whose return is not known. Registering a waybill twice creates one parcel. A job then assigns the parcel if an
 * open return has the same waybill.
 */
export async function registerParcels(
  tx: Tx,
  ring: KeyRing,
  parcels: readonly ParcelInput[],
  { actor, scope }: By,
): Promise<Registered[]> {
  const warehouses = await returnWarehouses(
    tx,
    parcels.map(({ warehouseId }) => warehouseId),
    scope,
  )
  const skus = await skusOfCodes(
    tx,
    parcels.flatMap(({ lines }) => lines.map(({ skuCode }) => skuCode.trim())),
  )
  const read = parcels.map((parcel) => {
    if (!warehouses.has(parcel.warehouseId)) return noSuchWarehouse
    const unknown = parcel.lines.find(({ skuCode }) => skus.get(skuCode.trim())?.isBundle !== false)
    if (unknown) return noSuchSku(unknown.skuCode)
    const lines = parcel.lines.map(
      (line): ParcelGoods => ({ ...line, skuId: skus.get(line.skuCode.trim())?.id ?? '' }),
    )
    if (new Set(lines.map(({ skuId }) => skuId)).size < lines.length) return twice
    if (lines.some(({ good, defective }) => good + defective === 0)) return nothingIn
    return { ...parcel, lines, phoneKey: parcel.phone === '' ? null : monthlessPhoneKey(ring, parcel.phone) }
  })
  const fit = read.flatMap((one) => ('code' in one ? [] : [one]))
  const made = await insertParcels(tx, fit, actor.name)
  await enqueueWaybillMatch(
    tx,
    fit.map(({ waybillNo }) => waybillNo),
  )
  let at = 0
  return read.map((one, index): Registered => {
    const id = parcels[index]?.waybillNo || String(index)
    if ('code' in one) return { id, done: false, ...one }
    const parcel = made[at++]
    return parcel ? { id: parcel.id, done: true, ref: parcel.no } : { id, done: false, ...known }
  })
}

/** 入库: puts the goods of unclaimed parcels on hand; they stay there when the parcel is assigned later. */
export async function stockParcels(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  const parcels = await lockUnclaimedParcels(tx, ids, scope)
  const outcomes = answerParcels(ids, parcels, 'stock')
  const done = new Set(outcomes.filter((one) => one.done).map(({ id }) => id))
  const moving = parcels.filter(({ id }) => done.has(id))
  const lines = await parcelLines(tx, [...done])
  await writeStocked(tx, [...done], actor.name)
  const apart = await defectiveWarehouses(
    tx,
    moving
      .filter(({ id }) => lines.get(id)?.some(({ defective }) => defective > 0))
      .map(({ warehouseId }) => warehouseId),
  )
  const goods = moving.flatMap(({ id, warehouseId }) =>
    (lines.get(id) ?? []).flatMap(({ lineNo, skuId, good, defective }): ReceivedStock[] => {
      const row = { kind: 'parcel' as const, documentId: id, lineNo, step: 1, skuId }
      return [
        { ...row, warehouseId, quantity: good },
        { ...row, warehouseId: apart.get(warehouseId) ?? warehouseId, quantity: defective },
      ]
    }),
  )
  await receiveStock(tx, goods, actor)
  return outcomes
}

function answerParcels(ids: readonly string[], found: readonly ParcelRow[], event: ParcelEvent): Outcome[] {
  const rows = new Map(found.map((one) => [one.id, one]))
  return answerEach(ids, rows, parcelAnswers, ({ status }) => whyNotParcel(status, event))
}

export type Claim = { parcelId: string; returnId: string }

/**
 * 认领: assigns parcels to returns and receives the returns with the goods of the parcels. Each return gets one parcel. Goods that are on
 * hand already are not moved.
 */
export async function claimParcels(
  tx: Tx,
  claims: readonly Claim[],
  how: 'waybill' | 'person',
  { actor, scope }: By,
): Promise<Outcome[]> {
  const byParcel = new Map(claims.map(({ parcelId, returnId }) => [parcelId, returnId]))
  const held = await lockReturns(tx, [...byParcel.values()], scope)
  const parcels = await lockUnclaimedParcels(tx, [...byParcel.keys()], scope)
  const returnIds = held.map(({ id }) => id)
  const facts = {
    goods: await parcelLines(
      tx,
      parcels.map(({ id }) => id),
    ),
    lines: await linesOf(tx, returnIds),
    parts: await partsOf(tx, returnIds),
  }
  const returns = new Map(held.map((one) => [one.id, one]))
  const receipts = new Map<string, Receipt>()
  const planned = answerParcels([...byParcel.keys()], parcels, 'claim').map((answer): Outcome => {
    const parcel = parcels.find(({ id }) => id === answer.id)
    const one = returns.get(byParcel.get(answer.id) ?? '')
    if (!answer.done || !parcel) return answer
    if (!one || receipts.has(one.id)) return { id: answer.id, done: false, ref: parcel.no, ...noReturn }
    const shared = allot(
      facts.goods.get(parcel.id) ?? [],
      facts.lines.get(one.id) ?? [],
      facts.parts.get(one.id) ?? [],
    )
    if (shared.lines.length === 0) return { id: answer.id, done: false, ref: parcel.no, ...nothingShared }
    const stocked = parcel.status === 'stocked'
    receipts.set(one.id, {
      id: one.id,
      version: one.version,
      warehouseId: parcel.warehouseId,
      stocked,
      ...shared,
    })
    return answer
  })
  const received = new Map(
    (
      await receiveLocked(
        tx,
        held.filter(({ id }) => receipts.has(id)),
        [...receipts.values()],
        { actor, scope },
      )
    ).map((one) => [one.id, one]),
  )
  const outcomes = planned.map((answer): Outcome => {
    const receipt = received.get(byParcel.get(answer.id) ?? '')
    if (!answer.done || receipt?.done !== false) return answer
    return { ...receipt, id: answer.id, ref: answer.ref ?? '' }
  })
  await link(tx, outcomes, { byParcel, returns, how }, actor)
  return outcomes
}

async function link(
  tx: Tx,
  outcomes: readonly Outcome[],
  {
    byParcel,
    returns,
    how,
  }: {
    byParcel: ReadonlyMap<string, string>
    returns: ReadonlyMap<string, { no: string }>
    how: 'waybill' | 'person'
  },
  actor: Actor,
): Promise<void> {
  const links = outcomes.flatMap(({ id, done, ref }) => {
    const returnId = byParcel.get(id) ?? ''
    const one = returns.get(returnId)
    return done && one ? [{ id, no: ref ?? '', returnId, returnNo: one.no, how }] : []
  })
  await writeClaimed(tx, links, actor.name)
  await addReturnEvents(
    tx,
    links.map(({ returnId, no }) => ({ returnId, event: 'claimed', detail: { no, how } })),
    actor,
  )
}

/**
 * Divides a parcel's goods. Pieces of a SKU that a line of the return expects are counted for that line, except for lines of bundles. All
 * other pieces are wrong goods.
 */
function allot(
  goods: readonly ParcelGoods[],
  lines: readonly ReturnLine[],
  parts: readonly ReturnPart[],
): { lines: { lineNo: number; good: number; defective: number }[]; wrong: NonNullable<Receipt['wrong']> } {
  const single = new Map(
    lines.flatMap((line) => {
      const own = parts.filter(({ lineNo }) => lineNo === line.lineNo)
      const [part] = own
      return part && own.length === 1 && part.perLine === 1 ? [[line.lineNo, part.skuId] as const] : []
    }),
  )
  const left = goods.map((one) => ({ ...one }))
  const given = lines.flatMap(({ lineNo, quantity, good, defective }) => {
    const of = left.find(({ skuId }) => skuId === single.get(lineNo))
    if (!of) return []
    const wanted = quantity - good - defective
    const goodNow = Math.min(of.good, wanted)
    const defectiveNow = Math.min(of.defective, wanted - goodNow)
    of.good -= goodNow
    of.defective -= defectiveNow
    return goodNow + defectiveNow > 0 ? [{ lineNo, good: goodNow, defective: defectiveNow }] : []
  })
  const wrong = left.flatMap(({ skuId, good, defective }) =>
    good + defective > 0 ? [{ skuId, quantity: good + defective, note: '' }] : [],
  )
  return { lines: given, wrong }
}

/** Assigns parcels to open returns with the same waybill. A parcel that fits several returns is left to a person. */
export async function matchWaybills(tx: Tx, waybillNos: readonly string[]): Promise<void> {
  const pairs = await pairsOfWaybills(tx, waybillNos)
  const byParcel = Map.groupBy(pairs, ({ parcelId }) => parcelId)
  const clear = [...byParcel.values()].flatMap((some) => (some.length === 1 ? some : []))
  if (clear.length > 0) await claimParcels(tx, clear, 'waybill', { actor: systemActor, scope: wholeScope })
}

const parcelAnswers = numbered({ zh: '无主件', en: 'Parcel' })
const noReturn: Refusal = {
  code: 'no_return',
  message: { zh: '找不到这张退货单，或它已认领别的包裹', en: 'No such return, or another parcel is its own' },
}
const nothingShared: Refusal = {
  code: 'nothing_shared',
  message: {
    zh: '包裹里没有这张退货单的商品。核对后手工收货',
    en: 'The parcel holds none of its goods. Check, and receive by hand',
  },
}
const known: Refusal = {
  code: 'already',
  message: { zh: '这个运单已登记为无主件', en: 'This waybill lies unclaimed already' },
}
const twice: Refusal = {
  code: 'given_twice',
  message: { zh: '同一个商家编码写了两次', en: 'One code was given twice' },
}
const nothingIn: Refusal = {
  code: 'nothing',
  message: { zh: '有商品没填数量', en: 'Some goods have no quantity' },
}
const noSuchSku = (code: string): Refusal => ({
  code: 'no_such_sku',
  message: {
    zh: `没有商家编码 ${code}，或它是组合`,
    en: `There is no code ${code}, or it is a bundle`,
  },
})

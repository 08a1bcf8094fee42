import type { Static } from 'typebox'
import { skuNames, skuOfScan } from '../../catalog/names.ts'
import type { Scope } from '../../core/access/actor.ts'
import { inScope, inWarehouses } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { settlementsOfRefund } from '../../finance/settlement-rows.ts'
import { interceptsOfOrders, shippedByWaybill } from '../../fulfilment/intercepts/for-returns.ts'
import { keyInEveryMonth } from '../../lib/people.ts'
import { linesToReturn } from '../../orders/refunds/for-returns.ts'
import { orderCards } from '../../orders/view/cards.ts'
import { platformsOf } from '../../shops/platforms.ts'
import type { ReturnView, returnableLines, returnDetail, scanAnswer } from '../contract.ts'
import { isShippedByUs } from '../create.ts'
import type { ParcelView } from '../parcels/parcel-contract.ts'
import { candidatesFor, parcelLines } from '../parcels/parcel-queries.ts'
import { returnedOf } from '../queries.ts'
import { receiptNote } from '../write-back/receipts.ts'
import {
  eventsOf,
  grantedReturns,
  parcelOfWaybill,
  parcelPlace,
  parcelRows,
  parcelsOfReturn,
  problemsOf,
  receiptsOf,
  returnRows,
  scannedReturns,
} from './view-queries.ts'

export async function viewReturns(db: Database, ids: readonly string[]): Promise<ReturnView[]> {
  const rows = await returnRows(db, ids)
  const orders = await orderCards(
    db,
    rows.map(({ orderId }) => orderId),
  )
  const skus = await skuNames(
    db,
    rows.flatMap(({ lines }) => lines.flatMap(({ skuId }) => skuId ?? [])),
  )
  return rows.map((row) => {
    const order = orders.get(row.orderId)
    const lines = row.lines.map(({ skuId, ...line }) => ({
      ...line,
      skuCode: skus.get(skuId ?? '')?.code ?? '',
    }))
    return { ...row, lines, receiverMasked: order?.receiverMasked ?? '', region: order?.region ?? '' }
  })
}

export async function viewReturn(
  db: Database,
  id: string,
  scope: Scope,
): Promise<Static<typeof returnDetail>> {
  const [one] = await viewReturns(db, await grantedReturns(db, [id], scope))
  if (!one) throw new AppError('not_found', { what: { zh: '退货单', en: 'Return' } })
  const orderIds = [...new Set([one.orderId, ...one.lines.map(({ orderId }) => orderId)])]
  const problems = await problemsOf(db, id)
  const skus = await skuNames(
    db,
    problems.flatMap(({ skuId }) => skuId ?? []),
  )
  const platform = (await platformsOf(db, [one.shopId])).get(one.shopId) ?? ''
  return {
    return: one,
    receiptNote: receiptNote(one, platform) ?? null,
    problems: problems.map(({ skuId, ...row }) => ({ ...row, skuCode: skus.get(skuId ?? '')?.code ?? '' })),
    receipts: await receiptsOf(db, id),
    settlements: one.refundNo === '' ? [] : await settlementsOfRefund(db, orderIds, one.refundNo),
    parcels: await parcelsOfReturn(db, id),
    intercepts: await interceptsOfOrders(db, orderIds, scope),
    events: await eventsOf(db, id),
  }
}

export async function scan(db: Database, given: string, scope: Scope): Promise<Static<typeof scanAnswer>> {
  const no = given.trim()
  const left = await shippedByWaybill(db, [no.toUpperCase()], scope)
  const orderIds = left.map(({ orderId }) => orderId)
  const returns = await viewReturns(db, await scannedReturns(db, no, orderIds, scope))
  const parcel = await parcelOfWaybill(db, no.toUpperCase())
  const goods = await skuOfScan(db, no)
  return {
    returns,
    left: left.map(({ id, no: deliveryNo, orderId, orderNo }) => ({ id, no: deliveryNo, orderId, orderNo })),
    parcel:
      parcel && inWarehouses(scope, parcel.warehouseId)
        ? { id: parcel.id, no: parcel.no, status: parcel.status }
        : null,
    goods: goods ? { code: goods.code, name: goods.name } : null,
  }
}

export async function viewReturnable(
  db: Database,
  orderId: string,
  scope: Scope,
): Promise<Static<typeof returnableLines>> {
  const lines = await linesToReturn(db, [orderId])
  const [first] = lines
  if (!first || !inScope(scope, first.shopId))
    throw new AppError('not_found', { what: { zh: '销售订单', en: 'Sales order' } })
  const returned = await returnedOf(db, [orderId])
  return {
    rows: lines.filter(isShippedByUs).map(({ lineNo, title, spec, pictureUrl, outerCode, quantity }) => ({
      lineNo,
      title,
      spec,
      pictureUrl,
      outerCode,
      shipped: quantity,
      left: Math.max(0, quantity - (returned.get(`${orderId}/${lineNo}`) ?? 0)),
    })),
  }
}

export async function viewParcels(db: Database, ids: readonly string[]): Promise<ParcelView[]> {
  const rows = await parcelRows(db, ids)
  const lines = await parcelLines(db, ids)
  const skus = await skuNames(
    db,
    [...lines.values()].flat().map(({ skuId }) => skuId),
  )
  return rows.map((row) => ({
    ...row,
    lines: (lines.get(row.id) ?? []).map(({ skuId, good, defective }) => {
      const { code = '', name = '', spec = '', pictureUrl = '' } = skus.get(skuId) ?? {}
      return { code, name, spec, pictureUrl, good, defective }
    }),
  }))
}

export async function viewCandidates(db: Database, id: string, scope: Scope) {
  const place = await parcelPlace(db, id)
  if (!place || !inWarehouses(scope, place.warehouseId))
    throw new AppError('not_found', { what: { zh: '无主件', en: 'Parcel' } })
  const keys = place.phoneKey === null ? [] : keyInEveryMonth(place.phoneKey)
  return { rows: await candidatesFor(db, id, keys, scope) }
}

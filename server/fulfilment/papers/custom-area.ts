import type { CustomArea } from '../../carriers/carrier.ts'
import { waybillSources } from '../../carriers/index.ts'
import { skuNames } from '../../catalog/names.ts'
import type { By } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { ordersOnPaper } from '../../orders/view/for-papers.ts'
import { type CallDeps, callShop, openCall } from '../../shops/calls.ts'
import { namesOfShops } from '../../shops/platforms.ts'
import { type AccountRow, accountById, writeCustomArea } from '../waybills/account-queries.ts'
import { type CustomMap, customData, customValues } from '../waybills/custom-area-rules.ts'
import { deliveriesOfWaybills } from './paper-queries.ts'
import { hasAreas } from './template-queries.ts'

/** Asks the platform which custom areas the seller has designed for the label of this account. */
export async function customAreasOf(
  deps: CallDeps,
  accountId: string,
  { scope }: Pick<By, 'scope'>,
): Promise<CustomArea[]> {
  const account = seen(await accountById(deps.db, accountId), scope)
  const source = waybillSources.find(({ id }) => id === account.source)
  const service = source?.service
  if (!service) throw new AppError('not_found', { what: areaWord })
  const shop = await openCall(deps, account.shopId)
  return callShop(shop, (_, call) => service.customAreas(call, account.templateUrl))
}

/** Saves the custom area of an account and what fills its keys. An empty address: its labels have none. */
export async function saveCustomArea(
  tx: Tx,
  { id, url, keys }: { id: string; url: string; keys: CustomMap },
  { actor, scope }: By,
): Promise<void> {
  const { shopId } = seen(await accountById(tx, id), scope)
  await writeCustomArea(tx, { id, url, keys: url === '' ? {} : keys })
  const subject = { type: 'waybill_account', id }
  await audit(tx, { actor, action: 'waybill_account.custom_area', subject, shopId, detail: { url, keys } })
}

export type OverLabel = Row<'print_document', 'waybillId'> &
  Row<'waybill_account', 'source' | 'customAreaUrl'> & { customArea: CustomMap }

/** The sources whose print client prints an area that we lay out. */
const laidOutHere: ReadonlySet<string> = new Set(['cainiao'])

/**
 * Returns the deliveries of labels over which the page may lay an area of our templates, by the waybill's id. An area that the seller has
 * designed at the platform goes first.
 */
export async function ownAreas(
  tx: Tx,
  labels: readonly OverLabel[],
): Promise<Map<string, { areaOf: string[] }>> {
  const over = labels.filter(({ source, customAreaUrl }) => customAreaUrl === '' && laidOutHere.has(source))
  if (over.length === 0 || !(await hasAreas(tx))) return new Map()
  const deliveries = await deliveriesOfWaybills(
    tx,
    over.map(({ waybillId }) => waybillId),
  )
  const byWaybill = Map.groupBy(deliveries, ({ waybillId }) => waybillId)
  return new Map(
    [...byWaybill].map(([id, parcel]) => [id, { areaOf: parcel.map(({ deliveryId }) => deliveryId) }]),
  )
}

/** Returns what the print client lays over the labels of these waybills, by the waybill's id. Labels without a custom area are left out. */
export async function customContents(
  tx: Tx,
  labels: readonly OverLabel[],
): Promise<Map<string, { templateURL: string; data: Record<string, string> }>> {
  const over = labels.filter(({ customAreaUrl }) => customAreaUrl !== '')
  if (over.length === 0) return new Map()
  const deliveries = await deliveriesOfWaybills(
    tx,
    over.map(({ waybillId }) => waybillId),
  )
  const orders = await ordersOnPaper(
    tx,
    deliveries.map(({ orderId }) => orderId),
  )
  const skus = await skuNames(
    tx,
    [...orders.values()].flatMap(({ lines }) => lines.flatMap(({ skuId }) => skuId ?? [])),
  )
  const shops = await namesOfShops(
    tx,
    deliveries.map(({ shopId }) => shopId),
  )
  const byWaybill = Map.groupBy(deliveries, ({ waybillId }) => waybillId)
  return new Map(
    over.map(({ waybillId, customAreaUrl, customArea }) => {
      const parcel = (byWaybill.get(waybillId) ?? []).map(({ orderId, ...delivery }) => {
        const { sellerMemo = '', buyerMessage = '', lines = [] } = orders.get(orderId) ?? {}
        const named = lines.map((line) => {
          const sku = line.skuId === null ? undefined : skus.get(line.skuId)
          return {
            ...line,
            code: sku?.code ?? line.code,
            name: sku?.name ?? line.title,
            spec: sku?.spec || line.spec,
          }
        })
        return { ...delivery, sellerMemo, buyerMessage, lines: named }
      })
      const shop = shops.get(parcel[0]?.shopId ?? '') ?? ''
      const data = customData(customArea, customValues(parcel, shop))
      return [waybillId, { templateURL: customAreaUrl, data }]
    }),
  )
}

function seen(account: AccountRow | undefined, scope: By['scope']): AccountRow {
  if (!account || !inScope(scope, account.shopId)) throw new AppError('not_found', { what })
  return account
}

const areaWord = { zh: '面单自定义区', en: 'Custom area of labels' }
const what = { zh: '电子面单账号', en: 'Waybill account' }

import type { Call } from '../connector.ts'
import { type CourierNames, courierCodes, courierOf } from '../couriers.ts'
import { idAt, isFields, listIn, longest, textAt } from '../fields.ts'
import { needed } from '../gateway.ts'
import { askJd, wholeRoot } from './client.ts'
import { guessedCouriers } from './unverified.ts'

/** 物流公司ID, by which `jingdong.pop.order.shipment` names a courier. The e-waybills of the platform name couriers by letters instead. */
export const companyIds: CourierNames = {
  SF: '467',
  YTO: '463',
  ZTO: '1499',
  STO: '470',
  YUNDA: '1327',
  JD: '2087',
  EMS: '465',
  DBKD: '3046',
  ...guessedCouriers,
}

/**
 * The number of a courier that the table lacks, among the couriers of the shop by their names: 360buy.get.vender.all.delivery.company. Numbers
 * of the table are not asked for.
 */
export async function companyNumbers(call: Call, carrier: string): Promise<CourierNames> {
  if (Object.hasOwn(companyIds, carrier) || !Object.hasOwn(courierCodes, carrier)) return companyIds
  const method = '360buy.get.vender.all.delivery.company'
  const { result } = await askJd(call, method, { fields: 'id,name' }, wholeRoot)
  const ids = needed(listIn(result.delivery_companies), 'couriers')
    .filter(isFields)
    .filter((row) => courierOf(textAt(row, 'name', longest.name)) === carrier)
    .map((row) => idAt(row, 'id'))
    .filter(Boolean)
  // Two numbers of one name: nothing says which of them is meant.
  return ids.length === 1 ? { ...companyIds, [carrier]: ids[0] } : companyIds
}

import type { Call } from '../../connectors/connector.ts'
import { type Fields, fieldsAt, longest, textAt } from '../../connectors/fields.ts'
import { askKuaishou } from '../../connectors/kuaishou/client.ts'
import { mapConcurrent } from '../../lib/few-at-a-time.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { JsonValue } from '../../wire/canonical-json.ts'
import type { Address, ParcelAsked, Sender, TakeRequest } from '../carrier.ts'
import { codeOf } from '../cloud-print.ts'
import { companyLetters } from './couriers.ts'
import { monthlyPay, ownChannel } from './unverified.ts'

/** A branch to which the shop has subscribed. Franchises are named by their site, and couriers that are paid each month by the shop's account there. */
export type Site = { isMonthly: boolean; code: string; name: string; account: string }

/** The parameters of open.express.ebill.get. Orders are read first, for the ciphertext of their receivers. */
export async function createRequest(
  call: Call,
  request: TakeRequest,
  site: Site,
): Promise<Record<string, JsonValue>> {
  const { courier, sender, templateUrl, parcels } = request
  for (const parcel of parcels) refuseServices(parcel)
  const common: Record<string, JsonValue> = {
    expressCompanyCode: codeOf(companyLetters, courier),
    ...siteOf(site),
    ...extraOf(call, courier),
    orderChannel: ownChannel,
    senderContract: contractOf(sender),
    senderAddress: addressOf(sender.address),
    ...(templateUrl === '' ? {} : { templateUrl }),
  }
  const list = await mapConcurrent(parcels, async (parcel): Promise<JsonValue> => {
    return { ...common, ...parcelOf(parcel, await orderOf(call, parcel)) }
  })
  return { getEbillOrderRequest: list }
}

/** The order as it is now: as it is stored, it has the masks of its receiver. */
async function orderOf(call: Call, { receiverTid }: ParcelAsked): Promise<Fields> {
  if (!/^\d{1,19}$/.test(receiverTid))
    throw new PlatformError('rejected', 'trade_not_found', `${receiverTid} 不是快手的订单号`)
  const { body } = await askKuaishou(call, 'open.order.detail', { oid: BigInt(receiverTid) })
  return fieldsAt(body, 'data')
}

/**
 * Two keys make a repeated request the same: the platform gives a parcel of an order the same number again under the same `packageCode`, and
 * wants a `requestId` that no other request has.
 */
export const requestIdOf = ({ key, receiverTid }: Pick<ParcelAsked, 'key' | 'receiverTid'>): string =>
  `${receiverTid}_${key}`

function siteOf({ isMonthly, code, name, account }: Site): Record<string, JsonValue> {
  if (!isMonthly) return { netSiteCode: code, netSiteName: name }
  return { settleAccount: account, payMethod: monthlyPay, ...(code === '' ? {} : { netSiteCode: code }) }
}

/** `extData` is JSON. 顺丰 wants the code that it gives to each customer, and 邮政 the kind of its fee. */
function extraOf({ credentials }: Call, courier: string): Record<string, JsonValue> {
  if (courier === 'POSTB') return { extData: JSON.stringify({ oneBillFeeType: '1' }) }
  if (courier !== 'SF') return {}
  const isvClientCode = credentials['sfClientCode'] ?? ''
  if (isvClientCode === '')
    throw new PlatformError('rejected', 'parameter', '顺丰取号要顺丰顾客编码：向顺丰要来，填在店铺 › 接入')
  return { extData: JSON.stringify({ isvClientCode }) }
}

function parcelOf(parcel: ParcelAsked, order: Fields): Record<string, JsonValue> {
  const { key, packages, weightG, goods } = parcel
  const base = fieldsAt(order, 'orderBaseInfo')
  return {
    requestId: requestIdOf(parcel),
    packageCode: key,
    tradeOrderCode: parcel.receiverTid,
    merchantCode: textAt(base, 'sellerOpenId', longest.word),
    merchantName: textAt(base, 'sellerNick', longest.name),
    totalPackageQuantity: packages,
    ...(weightG === null ? {} : { totalPackageWeight: weightG }),
    itemList: goods.map(({ name, quantity }) => ({ itemTitle: name, itemQuantity: quantity })),
    ...sealedReceiver(parcel, fieldsAt(order, 'orderAddress')),
  }
}

/** The ciphertext of the receiver. The platform takes no other receiver of its own orders, and stops a parcel with another address when it leaves. */
function sealedReceiver({ receiver, receiverTid }: ParcelAsked, place: Fields): Record<string, JsonValue> {
  if (!receiver.name.includes('*'))
    throw new PlatformError(
      'rejected',
      'parameter',
      '快手订单只能按平台的密文取号，改过收件人的要手工填运单号',
    )
  const cipher = (key: string) => textAt(place, key, longest.token)
  const [name, mobile] = [cipher('encryptedConsignee'), cipher('encryptedMobile')]
  const detail = cipher('encryptedAddress')
  if (name === '' || mobile === '' || detail === '')
    throw new PlatformError('rejected', 'nothing_to_send', `快手没有给出订单 ${receiverTid} 的收件人密文`)
  const part = (key: string) => textAt(place, key, longest.name)
  return {
    receiverContract: { name, mobile },
    receiverAddress: addressOf({
      ...{ province: part('province'), city: part('city'), district: part('district'), town: part('town') },
      detail,
    }),
  }
}

/** @throws {PlatformError} for a parcel that wants a service, because none is offered (`servicesOfBranch`). */
function refuseServices({ codFen, insuredFen, toDoor }: ParcelAsked): void {
  if (codFen !== null || insuredFen !== null || toDoor)
    throw new PlatformError('rejected', 'no_service', '快手的电子面单还没有接保价、代收货款和送货上门')
}

const addressOf = ({ province, city, district, town, detail }: Address) => ({
  ...{ provinceName: province, cityName: city, districtName: district },
  ...(town === '' ? {} : { streetName: town }),
  detailAddress: detail,
})

const contractOf = ({ name, mobile, phone }: Sender) => ({ name, mobile: mobile || phone })

/** The sender as the print client wants it. */
export const printedSender = ({ name, mobile, phone, address }: Sender) => ({
  address: { countryCode: 'CHN', streetName: '', ...addressOf(address) },
  contact: { name, mobile: mobile || phone },
})

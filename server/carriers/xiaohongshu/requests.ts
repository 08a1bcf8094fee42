import { PlatformError } from '../../lib/platform-error.ts'
import type { JsonValue } from '../../wire/canonical-json.ts'
import type { Address, ParcelAsked, Sender, TakeRequest } from '../carrier.ts'
import { codeOf } from '../cloud-print.ts'
import { ownChannel, senderPays, waybillCodes } from './unverified.ts'

/** The e-waybills of the platform itself; 1 are those of 菜鸟, which it gave before. */
export const billVersion = 2

/** A branch to which the shop has subscribed: franchises have a code, and couriers that are paid each month the number of the shop's account. */
export type Site = { isMonthly: boolean; branch: string; customer: string; brand: string }

/** The parameters of express.createEbillOrders for one parcel. */
export function createRequest(
  { courier, sender, parcels: [parcel] }: TakeRequest,
  site: Site,
  templateId: number,
): Record<string, JsonValue> {
  if (!parcel) throw new PlatformError('rejected', 'parameter', '没有要取号的包裹')
  refuseServices(parcel)
  return {
    billVersion,
    cpCode: codeOf(waybillCodes, courier),
    branchCode: site.branch,
    customerCode: site.customer,
    brandCode: site.brand,
    // It must be there and is not checked.
    sellerName: sender.name,
    sender: personOf(sender),
    ...(site.isMonthly ? { payMethod: senderPays } : {}),
    tradeOrderInfoList: [
      {
        objectId: parcel.key,
        orderInfo: {
          ...{ orderChannelsType: ownChannel, xhsOrderId: parcel.receiverTid },
          ...{ xhsOrderList: [...parcel.tids], tradeOrderList: [...parcel.tids] },
        },
        packageInfo: packageOf(parcel),
        recipient: recipientOf(parcel),
        templateId,
      },
    ],
  }
}

/** The platform finds the receiver of its order by `openAddressId`. One that a person changed goes as it is written. */
function recipientOf({ receiver }: ParcelAsked): Record<string, JsonValue> {
  if (receiver.name.includes('*')) return { openAddressId: receiver.token }
  const { name, mobile, phone, address: detail, province, city, district, town } = receiver
  return personOf({ name, mobile, phone, address: { province, city, district, town, detail } })
}

/** @throws {PlatformError} for a parcel that wants a service, because none is offered (`servicesOfBranch`). */
function refuseServices({ codFen, insuredFen, toDoor }: ParcelAsked): void {
  if (codFen !== null || insuredFen !== null || toDoor)
    throw new PlatformError('rejected', 'no_service', '小红书的电子面单还没有接保价、代收货款和送货上门')
}

const packageOf = ({ key, goods, weightG }: ParcelAsked): Record<string, JsonValue> => ({
  id: key,
  items: goods.slice(0, 100).map(({ name, quantity }) => ({ name, count: quantity })),
  ...(weightG === null ? {} : { weight: weightG }),
})

const personOf = ({ name, mobile, phone, address }: Sender): Record<string, JsonValue> => ({
  name,
  ...(mobile ? { mobile } : {}),
  ...(phone ? { phone } : {}),
  address: addressOf(address),
})

const addressOf = ({ province, city, district, town, detail }: Address): Record<string, JsonValue> => ({
  province,
  city,
  ...(district ? { district } : {}),
  ...(town ? { town } : {}),
  detail,
})

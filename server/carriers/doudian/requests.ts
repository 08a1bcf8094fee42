import type { Call } from '../../connectors/connector.ts'
import { callFxg } from '../../connectors/doudian/client.ts'
import { companyCodes } from '../../connectors/doudian/couriers.ts'
import { fieldsAt, longest, textAt } from '../../connectors/fields.ts'
import { mapConcurrent } from '../../lib/few-at-a-time.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { JsonValue } from '../../wire/canonical-json.ts'
import type { ParcelAsked, Sender, TakeRequest } from '../carrier.ts'
import { codeOf, serviceCode } from '../cloud-print.ts'
import { cashOnDeliveryOf, insuranceOf, toDoorOf } from '../services-contract.ts'
import { packIdOf } from './pack-id.ts'

/** Returns the parameters of logistics/newCreateOrder. Orders are read first, for the ciphertext of their receivers. */
export async function createRequest(call: Call, request: TakeRequest): Promise<Record<string, JsonValue>> {
  const orders = await mapConcurrent(request.parcels, (parcel) => orderOf(call, parcel, request))
  return {
    logistics_code: codeOf(companyCodes, request.courier),
    sender_info: senderOf(request.sender),
    order_infos: orders,
  }
}

async function orderOf(
  call: Call,
  parcel: ParcelAsked,
  { courier, services }: TakeRequest,
): Promise<JsonValue> {
  const isMasked = parcel.receiver.name.includes('*')
  const [own = parcel.receiverTid, ...others] = parcel.tids
  // The masked receiver of a copied order is found with the trade that it belongs to.
  const order_id = isMasked ? parcel.receiverTid : own
  const combined = parcel.tids.includes(order_id) ? [own, ...others].filter((tid) => tid !== order_id) : []
  const asked = servicesOf(parcel, services)
  return {
    order_id,
    pack_id: packIdOf(parcel.key),
    receiver_info: isMasked ? await sealedReceiver(call, parcel) : plainReceiver(parcel),
    items: parcel.goods.map(({ name, quantity }) => ({ item_name: name, item_count: quantity })),
    ...(combined.length === 0 ? {} : { combine_orders: combined }),
    ...(asked.length === 0 ? {} : { service_list: asked }),
    ...(parcel.packages === 1 ? {} : { total_pack_count: parcel.packages }),
    // The documents name the weight of a whole parcel for 顺丰 only.
    ...(parcel.weightG === null || courier !== 'SF' ? {} : { total_weight: String(parcel.weightG) }),
  }
}

/** Amounts are in fen. */
function servicesOf({ codFen, insuredFen, toDoor }: ParcelAsked, services: TakeRequest['services']) {
  const of = (code: string, value: string) => ({ service_code: code, service_value: value })
  return [
    ...(codFen === null ? [] : [of(cashOnDeliveryOf(services), String(codFen))]),
    ...(insuredFen === null ? [] : [of(serviceCode(insuranceOf(services)), String(insuredFen))]),
    ...(toDoor ? [of(serviceCode(toDoorOf(services)), '')] : []),
  ]
}

/** The ciphertext of the receiver, which only the order's detail has: an order as it is stored has the masks. */
async function sealedReceiver(call: Call, { receiverTid }: ParcelAsked): Promise<JsonValue> {
  const { body } = await callFxg(call, 'order/orderDetail', { shop_order_id: receiverTid })
  const order = fieldsAt(fieldsAt(body, 'data'), 'shop_order_detail')
  const place = fieldsAt(order, 'post_addr')
  const part = (name: string) => textAt(fieldsAt(place, name), 'name', longest.name)
  const [name, mobile] = [cipherAt(order, 'encrypt_post_receiver'), cipherAt(order, 'encrypt_post_tel')]
  const detail_address = cipherAt(place, 'encrypt_detail')
  if (name === '' || detail_address === '')
    throw new PlatformError('rejected', 'nothing_to_send', `抖店没有给出订单 ${receiverTid} 的收件人密文`)
  return {
    address: {
      country_code: 'CHN',
      province_name: part('province'),
      city_name: part('city'),
      district_name: part('town'),
      street_name: part('street'),
      detail_address,
    },
    contact: { name, mobile },
  }
}

const cipherAt = (of: Parameters<typeof textAt>[0], key: string) => textAt(of, key, longest.token)

const plainReceiver = ({ receiver }: ParcelAsked): JsonValue => ({
  address: {
    country_code: 'CHN',
    province_name: receiver.province,
    city_name: receiver.city,
    district_name: receiver.district,
    street_name: receiver.town,
    detail_address: receiver.address,
  },
  contact: contactOf(receiver),
})

const senderOf = (sender: Sender): JsonValue => ({
  address: {
    country_code: 'CHN',
    province_name: sender.address.province,
    city_name: sender.address.city,
    district_name: sender.address.district,
    street_name: sender.address.town,
    detail_address: sender.address.detail,
  },
  contact: contactOf(sender),
})

const contactOf = ({ name, mobile, phone }: Pick<Sender, 'name' | 'mobile' | 'phone'>) => ({
  name,
  ...(mobile ? { mobile } : {}),
  ...(phone ? { phone } : {}),
})

/** The sender as the print client wants it. */
export const printedSender = ({ name, mobile, phone, address }: Sender) => ({
  address: {
    countryCode: 'CHN',
    provinceName: address.province,
    cityName: address.city,
    districtName: address.district,
    streetName: address.town,
    detailAddress: address.detail,
  },
  contact: { name, mobile: mobile || phone },
})

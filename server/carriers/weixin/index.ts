import type { Call } from '../../connectors/connector.ts'
import { courierOfCode } from '../../connectors/couriers.ts'
import { type Fields, fieldsAt, longest, textAt } from '../../connectors/fields.ts'
import { callApi } from '../../connectors/weixin/client.ts'
import { deliveryIds } from '../../connectors/weixin/couriers.ts'
import { mapConcurrent } from '../../lib/few-at-a-time.ts'
import { isRecord } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type {
  Branch,
  GivenWaybill,
  LabelTemplate,
  ParcelAsked,
  PrintedLabel,
  Sender,
  TakenWaybill,
  TakeRequest,
  WaybillSource,
} from '../carrier.ts'
import { afterNumber, codeOf, countAt, longestPrintData, rowsAt, serviceCode } from '../cloud-print.ts'
import { LabelRefused } from '../label-refused.ts'
import { insuranceOf, toDoorOf } from '../services-contract.ts'
import { accountIn, branchCodeOf, orderIdOf, templateIn } from './ids.ts'
import { monthlyType, servicesOf } from './unverified.ts'

/**
 * 微信小店电子面单 (ewaybill/biz/*): called with the token of its shop. The receiver is named as the order gives it. The number of the e-waybill order is
 * ours; a repeated request is refused because of it, and the number is then read.
 */
export const weixinWaybills: WaybillSource = {
  id: 'weixin',
  name: { zh: '微信小店电子面单', en: 'WeChat Shop waybills' },
  platforms: ['weixin'],
  platformOrdersOnly: true,
  couriers: deliveryIds,
  // order/get does not name the packages, so numbers of several whose answer was lost could not be found again.
  givesPackages: false,
  mostParcels: 1,
  unclear: 'same_number',
  // The seller's own templates have the goods among their eight options; there are no areas with keys.
  service: { branches, templates, customAreas: async () => [] },
  take,
  giveBack,
  reportPrinted,
}

const ask = async (call: Call, method: string, params: Readonly<Record<string, unknown>>): Promise<Fields> =>
  (await callApi(call, `logistics/ewaybill/biz/${method}`, params)).body

/** With balances, account/get lists at most nineteen accounts a page. */
const accountsOfPage = 19
const mostPages = 20

/** account/get: the accounts of the shop. Direct couriers have no balance. */
async function branches(call: Call): Promise<Branch[]> {
  const all: Fields[] = []
  for (let page = 0; page < mostPages; page += 1) {
    const offset = page * accountsOfPage
    const rows = rowsAt(
      await ask(call, 'account/get', { need_balance: true, offset, limit: accountsOfPage }),
      'account_list',
    )
    all.push(...rows)
    if (rows.length < accountsOfPage) break
  }
  return all.flatMap((of) => {
    const courier = courierOfCode(deliveryIds, textAt(of, 'delivery_id', longest.word))
    return courier === undefined ? [] : [branchOf(of, courier)]
  })
}

function branchOf(of: Fields, courier: string): Branch {
  const site = fieldsAt(of, 'site_info')
  const from = fieldsAt(of, 'sender_address')
  const account = textAt(of, 'acct_id', longest.word)
  const part = (key: string) => textAt(from, key, longest.word)
  const address = {
    ...{ province: part('province'), city: part('city'), district: part('county'), town: part('street') },
    detail: textAt(from, 'address', longest.address),
  }
  return {
    courier,
    branchCode: branchCodeOf({
      site: textAt(site, 'site_code', longest.word),
      account,
      subject: textAt(of, 'shop_id', longest.word),
    }),
    branchName: textAt(site, 'site_name', longest.name) || account,
    balance: textAt(of, 'company_type', 4) === monthlyType ? null : countAt(of, 'available'),
    used: countAt(of, 'allocated'),
    returned: countAt(of, 'cancel'),
    addresses: address.detail === '' ? [] : [address],
    services: servicesOf(courier),
  }
}

/** template/config names the standard labels, template/get those that the seller has made of them. */
async function templates(call: Call): Promise<LabelTemplate[]> {
  const config = fieldsAt(await ask(call, 'template/config', {}), 'config')
  const own = rowsAt(await ask(call, 'template/get', {}), 'total_template')
  return Object.entries(config).flatMap(([id, types]) => {
    const courier = courierOfCode(deliveryIds, id)
    const single = isRecord(types) ? fieldsAt(types, 'single') : {}
    const url = textAt(single, 'url', longest.url)
    if (courier === undefined || url === '') return []
    const made = own
      .filter((of) => textAt(of, 'delivery_id', longest.word) === id)
      .flatMap((of) => rowsAt(of, 'template_list'))
    return [
      { courier, name: textAt(single, 'desc', longest.name) || '一联单', url: `${url}#single` },
      ...made.map((of) => ({
        courier,
        name: textAt(of, 'template_name', longest.name),
        url: `${url}#${textAt(of, 'template_id', longest.word)}`,
      })),
    ]
  })
}

/** order/create: one parcel. An e-waybill order that exists already has got its number, whose answer was lost. */
async function take(call: Call, request: TakeRequest): Promise<TakenWaybill[]> {
  const [parcel, ...more] = request.parcels
  if (!parcel || more.length > 0) throw new PlatformError('rejected', 'one_parcel', '微信小店一次取一个号')
  const template_id = templateIn(request.templateUrl)
  const ewaybill_order_id = orderIdOf(request.branchCode, parcel)
  const asked = { ...(await createRequest(call, request, parcel)), ewaybill_order_id, template_id }
  const created = await ask(call, 'order/create', asked).catch((error: unknown) => {
    if (error instanceof PlatformError && error.code === exists) return undefined
    throw error
  })
  const waybillNo = created
    ? textAt(created, 'waybill_id', longest.word)
    : await numberOf(call, ewaybill_order_id)
  if (waybillNo === '')
    throw new PlatformError('retry', 'bad_answer', '微信小店没有给出单号', { unclear: true })
  const printInfo =
    (created && textAt(created, 'print_info', longestPrintData)) ||
    (await printInfoOf(call, { ewaybill_order_id, template_id }, waybillNo))
  const { address } = request.sender
  const label = {
    printInfo,
    extendData: {
      sender: {
        address: {
          ...{ provinceName: address.province, cityName: address.city, countyName: address.district },
          detailInfo: `${address.town}${address.detail}`,
        },
      },
    },
  }
  const printData = JSON.stringify(label)
  return [{ key: parcel.key, waybillNo, packages: [], printData, courierOrder: ewaybill_order_id }]
}

/** 电子面单已存在 */
const exists = '10025019'

/** status 2: the number was cancelled. */
const cancelled = '2'

/**
 * order/get: the number that this e-waybill order has got. A failure is unclear, also that it is not found: the number is given, and no other
 * order has the same one.
 */
async function numberOf(call: Call, ewaybill_order_id: string): Promise<string> {
  const body = await ask(call, 'order/get', { ewaybill_order_id }).catch((error: unknown) => {
    throw afterNumber(error)
  })
  const info = fieldsAt(body, 'order_info')
  if (textAt(info, 'status', 4) === cancelled)
    throw new PlatformError('rejected', 'number_cancelled', '这个单号已经退回')
  return textAt(info, 'waybill_id', longest.word)
}

/**
 * print/get: the data of the label, which order/create may leave out. Every failure is unclear, because the number is given: the request is
 * repeated and finds it.
 */
async function printInfoOf(
  call: Call,
  asked: { ewaybill_order_id: string; template_id: string },
  waybillNo: string,
): Promise<string> {
  const body = await ask(call, 'print/get', asked).catch((error: unknown) => {
    if (!(error instanceof PlatformError) || error.kind !== 'rejected') throw afterNumber(error)
    throw new LabelRefused(error, { waybillNo, packageNos: [], courierOrder: asked.ewaybill_order_id })
  })
  const printInfo = textAt(body, 'print_info', longestPrintData)
  if (printInfo !== '') return printInfo
  throw new PlatformError('retry', 'bad_answer', '微信小店没有给出面单数据', { unclear: true })
}

async function createRequest(
  call: Call,
  { courier, branchCode, sender, services }: TakeRequest,
  parcel: ParcelAsked,
) {
  const { site, account, subject } = accountIn(branchCode)
  if (parcel.codFen !== null)
    throw new PlatformError('rejected', 'no_service', '微信小店的电子面单不能代收货款')
  const { receiver, insuredFen, toDoor, weightG } = parcel
  const vas = [
    ...(insuredFen === null
      ? []
      : [{ vas_type: serviceCode(insuranceOf(services)), vas_value: String(insuredFen) }]),
    ...(toDoor ? [{ vas_type: serviceCode(toDoorOf(services)), vas_value: '' }] : []),
  ]
  return {
    delivery_id: codeOf(deliveryIds, courier),
    ...(site === '' ? {} : { site_code: site }),
    ...{ ewaybill_acct_id: account, shop_id: subject, sender: senderOf(sender) },
    receiver: {
      ...{ name: receiver.name, mobile: receiver.mobile || receiver.phone },
      ...{ province: receiver.province, city: receiver.city, county: receiver.district },
      ...{ street: receiver.town, address: receiver.address },
    },
    ec_order_list: await ordersOf(call, parcel),
    ...(vas.length === 0 ? {} : { order_vas_list: vas }),
    // The documents name the weight of a parcel for 顺丰 only.
    ...(weightG === null || courier !== 'SF'
      ? {}
      : { delivery_info: { subpackage_list: [{ weight_g: weightG }] } }),
  }
}

/** The orders with their goods. The orders of a merged shipment are read, because the parcel does not say whose its goods are. */
async function ordersOf(call: Call, { tids, goods, receiver, receiverTid }: ParcelAsked) {
  // The masked receiver of a copied order is found with the trade that it belongs to.
  const isCopy = receiver.name.includes('*') && !tids.includes(receiverTid)
  const [only = receiverTid, ...others] = isCopy ? [receiverTid] : tids
  if (others.length === 0) return [{ ec_order_id: numberIn(only), goods_list: goods.map(goodOf) }]
  return mapConcurrent(tids, async (tid) => {
    const { body } = await callApi(call, 'order/get', { order_id: tid })
    const lines = rowsAt(fieldsAt(fieldsAt(body, 'order'), 'order_detail'), 'product_infos')
    return {
      ec_order_id: numberIn(tid),
      goods_list: lines.map((line) =>
        goodOf({ name: textAt(line, 'title', longest.title), quantity: countAt(line, 'sku_cnt') }),
      ),
    }
  })
}

const goodOf = ({ name, quantity }: ParcelAsked['goods'][number]) => ({
  good_name: name,
  good_count: quantity,
})

/** The number of an order is a number in this request, with all its digits. */
function numberIn(tid: string): bigint {
  if (/^\d{1,20}$/.test(tid)) return BigInt(tid)
  throw new PlatformError('rejected', 'trade_not_found', `${tid} 不是微信小店的订单号`)
}

const senderOf = ({ name, mobile, phone, address }: Sender) => ({
  ...{ name, mobile: mobile || phone, province: address.province, city: address.city },
  ...{ county: address.district, street: address.town, address: address.detail },
})

/** order/print (打印成功通知). `re_print` 1: it was printed before. */
async function reportPrinted(
  call: Call,
  { courier, waybillNo, courierOrder, again }: PrintedLabel,
): Promise<void> {
  await ask(call, 'order/print', {
    ...{ ewaybill_order_id: courierOrder, delivery_id: codeOf(deliveryIds, courier) },
    ...{ waybill_id: waybillNo, re_print: again ? 1 : 0 },
  })
}

/** order/cancel: by the e-waybill order and its number. */
async function giveBack(call: Call, { courier, waybillNo, courierOrder }: GivenWaybill): Promise<void> {
  if (courierOrder === '') throw new PlatformError('rejected', 'not_given_back', '没有电子面单订单号，退不了')
  await ask(call, 'order/cancel', {
    ...{ ewaybill_order_id: courierOrder, delivery_id: codeOf(deliveryIds, courier), waybill_id: waybillNo },
  })
}

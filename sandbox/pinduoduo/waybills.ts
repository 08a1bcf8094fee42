import { type Json, part, readJson, rows, textIn, texts } from '../json-parts.ts'
import { quote } from '../wire.ts'
import { cancelLabel, figuresOf, takeLabels } from '../world/label-books.ts'
import {
  branchAddress,
  type LabelRequest,
  servicesOf,
  whyNotPackage,
  whyNotPackages,
} from '../world/labels.ts'
import { isShippable, type Trade } from '../world/model.ts'
import { business, mallId, missing, type PopCall, type PopError, type PopMethod } from './call.ts'
import { receiverMasks, refundStatus } from './order-json.ts'

/** wp_code, wp_type (1 直营, 2 加盟) and number of the standard label of the couriers to which each shop is subscribed. */
const SUBSCRIBED: readonly (readonly [wp: string, type: number, template: number])[] = [
  ['YTO', 2, 14],
  ['ZTO', 2, 15],
  ['STO', 2, 16],
  ['YUNDA', 2, 17],
  ['JTSD', 2, 46],
  ['SF', 1, 20],
  ['YZXB', 1, 22],
]

/** The platforms that the service knows. */
const CHANNELS = new Set(
  'PDD TB TM JD ALBB YZ WD MGJ YJ BB ZZ KS DD XMYP SK JM MY XHS MT WPH PP EBAY AMAZON SN GM YHD VANCL YL YG LF JS PX YT DY OTHERS'.split(
    ' ',
  ),
)

const templateUrl = (template: number) => `https://file-link.pinduoduo.com/std_template_${template}`

/** pdd.waybill.search: the subscriptions of the seller, all or of one courier. */
export const search: PopMethod = ({ sandbox, shop, params }) => {
  const asked = params.get('wp_code') ?? ''
  const cols = SUBSCRIBED.filter(([wp]) => asked === '' || wp === asked).map(([wp, type]) => {
    const { balance, used, cancelled } = figuresOf(sandbox.world, shop, wp)
    const { province, city, district, detail } = branchAddress(shop)
    const address = `{"province":"${province}","city":"${city}","district":"${district}","detail":${quote(detail)},"country":"中国"}`
    const branch = `{"branch_code":"${wp}310001","branch_name":"杭州余杭${wp}网点","quantity":${type === 1 ? -1 : balance},"allocated_quantity":${used},"cancel_quantity":${cancelled},"recycled_quantity":0,"service_info_cols":[${servicesJson(wp)}],"shipp_address_cols":[${address}],"vas_account_cols":[]}`
    return `{"wp_code":"${wp}","wp_type":${type},"branch_account_cols":[${branch}]}`
  })
  return {
    root: 'pdd_waybill_search_response',
    inner: `"waybill_apply_subscription_cols":[${cols.join(',')}]`,
  }
}

const servicesJson = (wp: string) =>
  servicesOf(wp)
    .map(
      ([code, name]) =>
        `{"service_code":"${code}","service_name":"${name}","service_desc":"","required":false,"service_attributes":[]}`,
    )
    .join(',')

/** pdd.cloudprint.stdtemplates.get: the platform's labels of all couriers, or of one. */
export const templates: PopMethod = ({ params }) => {
  const asked = params.get('wp_code') ?? ''
  const datas = SUBSCRIBED.filter(([wp]) => asked === '' || wp === asked).map(
    ([wp, , template]) =>
      `{"wp_code":"${wp}","standard_templates":[{"standard_template_id":${template},"standard_template_name":"${wp} 一联单 76×130","standard_template_url":"${templateUrl(template)}","standard_waybill_type":6}]}`,
  )
  return {
    root: 'pdd_cloudprint_stdtemplates_get_response',
    inner: `"result":{"datas":[${datas.join(',')}]}`,
  }
}

/** pdd.cloudprint.customares.get: the one area that the seller has designed for each label. */
export const customAreas: PopMethod = ({ params }) => {
  const asked = params.get('template_id') ?? ''
  if (asked === '') return missing('template_id')
  if (!SUBSCRIBED.some(([, , template]) => String(template) === asked)) return business('50001', '模板不存在')
  const keys = ['order_sn', 'goods_info', 'goods_count', 'remark'].map((key) => `{"key_name":"${key}"}`)
  const area = `{"custom_area_id":88${asked},"custom_area_url":"https://file-link.pinduoduo.com/custom_area_88${asked}","keys":[${keys.join(',')}]}`
  return { root: 'pdd_cloudprint_customares_get_response', inner: `"result":{"datas":[${area}]}` }
}

/** pdd.waybill.get: every parcel of the request gets a number, or none does. */
export const take: PopMethod = (call) => {
  const request = readJson(call.params.get('param_waybill_cloud_print_apply_new_request') ?? '')
  if (request === undefined) return missing('param_waybill_cloud_print_apply_new_request')
  const wp = call.params.get('wp_code') ?? ''
  const wrong = whyNotRequest(call, wp, request) ?? firstWrong(call, wp, request)
  if (wrong !== undefined) return wrong
  const parcels = rows(request, 'trade_order_info_dtos').map((parcel) => requestOf(call, parcel))
  const given = takeLabels(call.sandbox.world, call.shop, wp, parcels)
  if (given === undefined) return business('50001', '电子面单余额不足')
  const modules = given.map(
    ({ objectId, waybill, parent, printData }) =>
      `{"object_id":${quote(objectId)},"waybill_code":"${waybill}","parent_waybill_code":"${parent}","print_data":${quote(printData)}}`,
  )
  return { root: 'pdd_waybill_get_response', inner: `"modules":[${modules.join(',')}]` }
}

/** pdd.waybill.cancel: a cancelled number stays cancelled; the balance gets it back once. */
export const cancel: PopMethod = (call) => {
  const [courier, waybill] = [call.params.get('wp_code') ?? '', call.params.get('waybill_code') ?? '']
  const result = cancelLabel(call.sandbox.world, call.shop, { courier, waybill })
  if (result === 'unknown') return business('50001', '面单号不存在')
  return { root: 'pdd_waybill_cancel_response', inner: `"cancel_result":${result === 'cancelled'}` }
}

function whyNotRequest(call: PopCall, wp: string, request: Json): PopError | undefined {
  if (wp === '') return missing('wp_code')
  if (!SUBSCRIBED.some(([code]) => code === wp)) return business('50001', '没有开通该快递公司的电子面单')
  if (typeof request['need_encrypt'] !== 'boolean') return missing('need_encrypt')
  const sender = part(request, 'sender')
  if (textIn(sender, 'name') === '') return missing('sender.name')
  if (textIn(sender, 'mobile') === '' && textIn(sender, 'phone') === '') return missing('sender.mobile')
  const branch = branchAddress(call.shop)
  const own = { ...part(sender, 'address') }
  if (Object.entries(branch).some(([key, value]) => own[key] !== value))
    return business('50001', '发货地址不在该网点订购的发货地址内')
  const parcels = rows(request, 'trade_order_info_dtos')
  if (parcels.length === 0) return missing('trade_order_info_dtos')
  if (parcels.length > 10) return business('50001', 'trade_order_info_dtos数量不能超过10')
  const keys = parcels.map((parcel) => textIn(parcel, 'object_id'))
  if (keys.includes('') || new Set(keys).size < keys.length)
    return business('50001', 'object_id不能为空或重复')
  return undefined
}

const firstWrong = (call: PopCall, wp: string, request: Json): PopError | undefined =>
  rows(request, 'trade_order_info_dtos')
    .map((parcel) => whyNotParcel(call, wp, parcel))
    .find((wrong) => wrong !== undefined)

function whyNotParcel(call: PopCall, wp: string, parcel: Json): PopError | undefined {
  const template = SUBSCRIBED.find(([code]) => code === wp)?.[2] ?? 0
  if (textIn(parcel, 'template_url') !== templateUrl(template))
    return business('50001', 'template_url不是该快递公司的标准模板')
  if (parcel['user_id'] !== mallId(call.shop)) return business('50001', 'user_id与店铺不一致')
  const items = rows(part(parcel, 'package_info'), 'items')
  if (items.length === 0 || items.length > 100) return business('50001', 'items数量限制为1到100')
  if (items.some((item) => textIn(item, 'name') === '' || !(Number(item['count']) > 0)))
    return business('50001', 'items的name和count不能为空')
  const packages = whyNotPackages(packed(parcel).packages, wp)
  if (packages !== undefined) return business('50001', packages)
  const recipient = part(parcel, 'recipient')
  if (textIn(recipient, 'name') === '') return missing('recipient.name')
  if (textIn(recipient, 'mobile') === '' && textIn(recipient, 'phone') === '')
    return missing('recipient.mobile')
  const address = part(recipient, 'address')
  for (const key of ['province', 'city', 'district', 'detail'])
    if (textIn(address, key) === '') return missing(`recipient.address.${key}`)
  const order = part(parcel, 'order_info')
  const channel = textIn(order, 'order_channels_type')
  if (!CHANNELS.has(channel)) return business('50001', 'order_channels_type不合法')
  const sns = texts(order, 'trade_order_list')
  if (sns.length === 0 || sns.length > 100) return business('50001', 'trade_order_list数量限制为1到100')
  const trades = sns.flatMap((sn) => call.shop.trades.get(sn) ?? [])
  const wrong = whyNotPackage(packed(parcel), trades, wp)
  if (wrong !== undefined) return business('50001', wrong)
  if (channel === 'PDD') return whyNotOrders(call, sns, recipient)
  return isMasked(recipient) ? business('50001', '收件人信息已脱敏，非拼多多订单不能取号') : undefined
}

/** Orders of this shop that may be shipped. The real receiver of a masked one is found by the order's number. */
function whyNotOrders(call: PopCall, sns: readonly string[], recipient: Json): PopError | undefined {
  const found = sns.flatMap((sn) => call.shop.trades.get(sn) ?? [])
  if (found.length < sns.length) return business('50001', '订单不存在')
  if (!found.every((trade) => isShippable(trade) && trade.hold === ''))
    return business('50001', '订单状态不允许取号')
  if (!found.every((trade) => refundStatus(trade) === 1))
    return business('50001', '订单售后处理中，不允许取号')
  if (!isMasked(recipient) || found.some((trade) => isMaskOf(recipient, trade))) return undefined
  return business('50001', '收件人信息与订单不一致')
}

function isMaskOf(recipient: Json, trade: Trade): boolean {
  const { name, mobile, address } = receiverMasks(trade)
  return (
    textIn(recipient, 'name') === name &&
    textIn(recipient, 'mobile') === mobile &&
    textIn(part(recipient, 'address'), 'detail') === address &&
    textIn(part(recipient, 'address'), 'province') === trade.receiver.state
  )
}

const isMasked = (recipient: Json) =>
  [textIn(recipient, 'name'), textIn(recipient, 'mobile')].some((text) => text.includes('*'))

const packed = (parcel: Json) => ({
  weight: textIn(part(parcel, 'package_info'), 'weight'),
  packages: textIn(part(parcel, 'package_info'), 'total_packages_count'),
  services: textIn(parcel, 'logistics_services'),
})

const requestOf = (call: PopCall, parcel: Json): LabelRequest => ({
  objectId: textIn(parcel, 'object_id'),
  packageId: textIn(part(parcel, 'package_info'), 'id'),
  tids: texts(part(parcel, 'order_info'), 'trade_order_list'),
  ...packed(parcel),
  printData: (sealed, signature) =>
    JSON.stringify({
      encryptedData: sealed,
      signature,
      templateUrl: textIn(parcel, 'template_url'),
      userid: mallId(call.shop),
      ver: '3',
    }),
})

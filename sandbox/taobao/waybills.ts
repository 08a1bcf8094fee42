import { type Json, part, readJson, rows, textIn, texts } from '../json-parts.ts'
import { quote } from '../wire.ts'
import { cancelLabel, figuresOf, takeLabels } from '../world/label-books.ts'
import {
  branchAddress,
  type Label,
  type LabelRequest,
  servicesOf,
  whyNotPackage,
  whyNotPackages,
} from '../world/labels.ts'
import { isShippable, type Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { type Call, invalid, type Method, missing, type Result, refused, type TopError } from './call.ts'
import { oaid } from './mask.ts'

/** cp_code, cp_type (1 直营, 2 加盟) and template number of the couriers to which each shop is subscribed. */
const SUBSCRIBED: readonly (readonly [cp: string, type: number, template: number])[] = [
  ['YTO', 2, 101],
  ['ZTO', 2, 301],
  ['STO', 2, 201],
  ['YUNDA', 2, 401],
  ['SF', 1, 801],
  ['POSTB', 1, 501],
  ['CN7000001021040', 2, 901],
]

const templateUrl = (template: number) => `http://cloudprint.cainiao.com/template/standard/${template}/1`

/** cainiao.waybill.ii.search: the subscriptions of the seller, all or of one courier. */
export const search: Method = (call) => {
  const asked = call.params.get('cp_code') ?? ''
  const rows = SUBSCRIBED.filter(([cp]) => asked === '' || cp === asked).map(([cp, type]) => {
    const { balance, used, cancelled } = figuresOf(call.sandbox.world, call.shop, cp)
    const { province, city, district, detail } = branchAddress(call.shop)
    const address = `"province":"${province}","city":"${city}","district":"${district}","detail":${quote(detail)},"waybill_address_id":"${hash32(call.shop.key + cp)}"`
    const branch = `"branch_code":"${cp}571001","branch_name":"杭州余杭${cp}网点","branch_status":0,"quantity":${balance},"allocated_quantity":${used},"cancel_quantity":${cancelled},"print_quantity":0,"service_info_cols":{"service_info_dto":[${servicesJson(cp)}]},"shipp_address_cols":{"address_dto":[{${address}}]}`
    return `{"cp_code":"${cp}","cp_type":${type},"branch_account_cols":{"waybill_branch_account":[{${branch}}]}}`
  })
  return `"waybill_apply_subscription_cols":{"waybill_apply_subscription_info":[${rows.join(',')}]}`
}

const servicesJson = (cp: string) =>
  servicesOf(cp)
    .map(([code, name, valued]) => {
      const value = `{"attribute_code":"value","attribute_name":"金额","attribute_type":"number","type_desc":"{}"}`
      const attributes = `"service_attributes":{"service_attribute_dto":[${valued ? value : ''}]}`
      return `{"service_code":"${code}","service_name":"${name}","service_desc":"","required":false,${attributes}}`
    })
    .join(',')

/** cainiao.cloudprint.mystdtemplates.get. */
export const myTemplates: Method = () => {
  const rows = SUBSCRIBED.map(
    ([cp, , template]) =>
      `{"cp_code":"${cp}","user_std_templates":{"user_template_do":[{"user_std_template_id":${template},"user_std_template_name":"${cp} 一联单 76×130","user_std_template_url":"${templateUrl(template)}","brand_code":"default"}]}}`,
  )
  return `"result":{"datas":{"user_template_result":[${rows.join(',')}]},"success":true}`
}

/** cainiao.cloudprint.customares.get: the one area that the seller has designed for each label. */
export const customAreas: Method = (call) => {
  const asked = call.params.get('template_id') ?? ''
  if (asked === '') return missing('template_id')
  if (!SUBSCRIBED.some(([, , template]) => String(template) === asked))
    return waybillError('NO_TEMPLATE', '模板不存在')
  const keys = CUSTOM_KEYS.map((key) => `{"key_name":"${key}"}`)
  const area = `{"custom_area_id":7315${asked},"custom_area_url":"http://cloudprint.cainiao.com/template/customArea/7315${asked}/1","keys":{"key_result":[${keys.join(',')}]}}`
  return `"result":{"datas":{"custom_area_result":[${area}]},"success":true}`
}

const CUSTOM_KEYS = ['ORDER_ID', 'ITEM_INFO', 'ITEM_TOTAL_COUNT', 'SELLER_MEMO', 'BUYER_MEMO']

/** cainiao.waybill.ii.get: every parcel of the request gets a number, or none does. */
export const take: Method = (call) => {
  const request = readJson(call.params.get('param_waybill_cloud_print_apply_new_request') ?? '')
  if (request === undefined) return missing('param_waybill_cloud_print_apply_new_request')
  const cp = textIn(request, 'cp_code')
  if (!SUBSCRIBED.some(([code]) => code === cp))
    return waybillError('NO_SUBSCRIPTION', '没有开通该物流服务商的电子面单')
  const address = part(part(request, 'sender'), 'address')
  const branch = branchAddress(call.shop)
  if (textIn(part(request, 'sender'), 'name') === '') return missing('sender.name')
  if (textIn(address, 'province') !== branch.province || textIn(address, 'detail') !== branch.detail)
    return waybillError('SENDER_ADDRESS', '发货地址不在订购的发货地址内')
  const parcels = rows(request, 'trade_order_info_dtos')
  if (parcels.length === 0) return missing('trade_order_info_dtos')
  if (parcels.length > 10) return invalid('trade_order_info_dtos', '请求面单信息数量限制为10')
  const keys = parcels.map((parcel) => textIn(parcel, 'object_id'))
  if (keys.includes('') || new Set(keys).size < keys.length)
    return invalid('object_id', 'object_id不能为空或重复')
  for (const parcel of parcels) {
    const wrong = whyNot(call, cp, parcel)
    if (wrong !== undefined) return wrong
  }
  const given = takeLabels(call.sandbox.world, call.shop, cp, parcels.map(requestOf))
  if (given === undefined) return waybillError('NO_BALANCE', '电子面单余额不足')
  return `"modules":{"waybill_cloud_print_response":[${given.map((label) => `{${labelJson(label)}}`).join(',')}]}`
}

/** cainiao.waybill.ii.query.by.tradecode. In the modes without a look-up no number is found. */
export const byTradeCode: Method = (call) => {
  const asked = readJson(`{"list":${call.params.get('param_list') || '[]'}}`)
  if (asked === undefined) return invalid('param_list', 'param_list不是合法的JSON')
  const { labels } = call.sandbox.world
  const mayLook = (labels.modes.get(call.shop.key) ?? 'look_up') === 'look_up'
  const found = rows(asked, 'list').flatMap((row) => {
    const objectId = textIn(row, 'object_id')
    const own = labels.given.filter(
      (one) =>
        one.shop === call.shop &&
        one.objectId === objectId &&
        one.tids.includes(textIn(row, 'biz_sub_code')) &&
        !one.cancelled,
    )
    // This method does not name the main number.
    return foundJson(objectId, mayLook ? own.map((label) => ({ ...label, parent: '' })) : [])
  })
  return `"modules":{"waybill_cloud_print_with_result_desc_response":[${found.join(',')}]}`
}

/** cainiao.waybill.ii.query.by.waybillcode. */
export const byWaybillCode: Method = (call) => {
  const asked = readJson(`{"list":${call.params.get('param_list') || '[]'}}`)
  if (asked === undefined) return invalid('param_list', 'param_list不是合法的JSON')
  const found = rows(asked, 'list').flatMap((row) => {
    const label = call.sandbox.world.labels.byWaybill.get(textIn(row, 'waybill_code'))
    const isOwn = label?.shop === call.shop && label.courier === textIn(row, 'cp_code') && !label.cancelled
    return foundJson(textIn(row, 'object_id'), isOwn ? [label] : [])
  })
  return `"modules":{"waybill_cloud_print_with_result_desc_response":[${found.join(',')}]}`
}

const foundJson = (objectId: string, labels: readonly Label[]): string[] =>
  labels.length === 0
    ? [
        `{"object_id":${quote(objectId)},"success":false,"error_code":"NOT_FOUND","error_message":"没有找到面单"}`,
      ]
    : labels.map(
        (label) =>
          `{"object_id":${quote(objectId)},"success":true,"waybill_cloud_print_response":{${labelJson(label)}}}`,
      )

/** cainiao.waybill.ii.cancel: a cancelled number stays cancelled; the balance gets it back once. */
export const cancel: Method = (call) => {
  const [courier, waybill] = [call.params.get('cp_code') ?? '', call.params.get('waybill_code') ?? '']
  const result = cancelLabel(call.sandbox.world, call.shop, { courier, waybill })
  if (result === 'unknown') return waybillError('NOT_YOURS', '面单号不存在或不属于该商家')
  return `"cancel_result":${result === 'cancelled'}`
}

function whyNot(call: Call, cp: string, parcel: Json): TopError | undefined {
  const tids = texts(part(parcel, 'order_info'), 'trade_order_list')
  if (tids.length === 0 || tids.length > 100) return invalid('trade_order_list', '订单号数量限制为1到100')
  if (textIn(parcel, 'template_url') === '') return missing('template_url')
  const packed = part(parcel, 'package_info')
  if (!/^\w{1,64}$/.test(textIn(packed, 'id')))
    return invalid('package_info.id', '包裹id只能是数字、字母和下划线')
  if (rows(packed, 'items').length === 0) return missing('package_info.items')
  const packages = whyNotPackages(textIn(packed, 'total_packages_count'), cp)
  if (packages !== undefined) return waybillError('PACKAGES', packages)
  const recipient = part(parcel, 'recipient')
  if (textIn(recipient, 'name') === '') return missing('recipient.name')
  if (textIn(part(recipient, 'address'), 'detail') === '') return missing('recipient.address.detail')
  if (textIn(part(parcel, 'order_info'), 'order_channels_type') !== 'TB') return undefined
  const trades = tids.map((tid) => call.shop.trades.get(tid))
  if (trades.some((trade) => trade === undefined)) return waybillError('ORDER_NOT_FOUND', '订单号不存在')
  if (!trades.every((trade) => trade !== undefined && isShippable(trade)))
    return waybillError('ORDER_STATUS', '订单状态不允许取号')
  const wrong = whyNotPackage(
    { weight: textIn(packed, 'weight'), services: textIn(parcel, 'logistics_services') },
    trades.flatMap((trade) => trade ?? []),
    cp,
  )
  if (wrong !== undefined) return waybillError('PACKAGE', wrong)
  return isMasked(recipient) ? whyNotMasked(call, recipient, trades) : undefined
}

/** A masked receiver needs the trade that it belongs to, and that trade's OAID of this week or of one of the two weeks before. */
function whyNotMasked(
  call: Call,
  recipient: Json,
  trades: readonly (Trade | undefined)[],
): TopError | undefined {
  const owner = trades.find((trade) => trade?.tid === textIn(recipient, 'tid'))
  if (owner === undefined) return missing('recipient.tid')
  const token = textIn(recipient, 'oaid')
  const weeks = [call.now, call.now - 604_800, call.now - 2 * 604_800]
  return weeks.some((time) => oaid(owner, time) === token) ? undefined : waybillError('OAID', 'oaid无效')
}

const isMasked = (recipient: Json) =>
  textIn(recipient, 'name').includes('*') || textIn(recipient, 'mobile').includes('*')

const requestOf = (parcel: Json): LabelRequest => ({
  objectId: textIn(parcel, 'object_id'),
  packageId: textIn(part(parcel, 'package_info'), 'id'),
  tids: texts(part(parcel, 'order_info'), 'trade_order_list'),
  weight: textIn(part(parcel, 'package_info'), 'weight'),
  packages: textIn(part(parcel, 'package_info'), 'total_packages_count'),
  services: textIn(parcel, 'logistics_services'),
  printData: (sealed, signature) =>
    JSON.stringify({
      encryptedData: `AES:${sealed}`,
      signature: `MD:${signature}`,
      templateURL: textIn(parcel, 'template_url'),
      ver: 'waybill_print_secret_version_1',
    }),
})

const labelJson = ({ objectId, waybill, parent, courier, printData }: Label) =>
  `"object_id":${quote(objectId)},"waybill_code":"${waybill}",${parent === '' ? '' : `"parent_waybill_code":"${parent}",`}"cp_code":"${courier}","real_cp_code":"${courier}","print_data":${quote(printData)}`

const waybillError = (code: string, words: string): Result & TopError =>
  refused(`isv.cainiao-waybill:${code}`, words)

import { type Json, part, readJson, rows, textIn, texts } from '../json-parts.ts'
import { quote } from '../wire.ts'
import { cancelLabel, figuresOf, takeLabels } from '../world/label-books.ts'
import { branchAddress, type Label, whyNotPackage, whyNotPackages } from '../world/labels.ts'
import { isShippable, type Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import {
  business,
  type DoudianCall,
  type DoudianError,
  type DoudianMethod,
  invalid,
  missing,
  readText,
} from './call.ts'
import { ciphersOf, homeOf, orderStatus } from './order-json.ts'

/** logistics_code, company_type (1 直营, 2 加盟), the code under which the world keeps the courier's books, and the number of the standard label. */
const SUBSCRIBED: readonly (readonly [code: string, type: number, book: string, template: number])[] = [
  ['yuantong', 2, 'YTO', 61],
  ['zhongtong', 2, 'ZTO', 62],
  ['shentong', 2, 'STO', 63],
  ['yunda', 2, 'YUNDA', 64],
  ['jtexpress', 2, 'JTSD', 65],
  ['shunfeng', 1, 'SF', 66],
  ['youzhengguonei', 1, 'POSTB', 67],
]

const subscribed = (asked: string) => SUBSCRIBED.filter(([code]) => asked === '' || code === asked)
const bookOf = (code: string) => SUBSCRIBED.find(([known]) => known === code)?.[2]

/** logistics/listShopNetsite: the branches of the shop, all or of one courier. */
export const listShopNetsite: DoudianMethod = ({ sandbox, shop, body }) => {
  const netsites = subscribed(textIn(body, 'logistics_code')).map(([code, type, book]) => {
    const { balance, used, cancelled } = figuresOf(sandbox.world, shop, book)
    const { province, city, district, detail } = branchAddress(shop)
    const address = `{"country_code":"CHN","province_name":"${province}","city_name":"${city}","district_name":"${district}","street_name":"","detail_address":${quote(detail)}}`
    return `{"company":"${code}","company_type":${type},"netsite_code":"${type === 1 ? '' : `${book}571001`}","netsite_name":"杭州余杭${book}网点","amount":"${type === 1 ? -1 : balance}","allocated_quantity":"${used}","cancelled_quantity":"${cancelled}","recycled_quantity":"-1","sender_address":[${address}]}`
  })
  return { data: `{"netsites":[${netsites.join(',')}]}` }
}

const templateUrl = (template: number) =>
  `https://sf3-ttcdn-tos.pstatp.com/obj/logistics-davinci/template/template_${template}.xml`

/** logistics/templateList: the standard labels. */
export const templateList: DoudianMethod = ({ body }) => {
  const list = subscribed(textIn(body, 'logistics_code')).map(
    ([code, , , template]) =>
      `{"logistics_code":"${code}","template_infos":[{"template_id":${template},"template_code":"${code}_76130","template_name":"${code} 一联单 76×130","template_url":"${templateUrl(template)}","version":1,"template_type":1,"perview_url":""}]}`,
  )
  return { data: `{"template_data":[${list.join(',')}]}` }
}

/** logistics/getCustomTemplateList: the one area that the seller has designed for each label. */
export const customTemplateList: DoudianMethod = ({ body }) => {
  const asked = readText(body, 'logistics_code')
  if (typeof asked !== 'string') return asked
  const keys = JSON.stringify(['productInfo', 'shopName', 'orderId', 'remark', 'productCount'])
  const list = subscribed(asked).map(
    ([code, , , template]) =>
      `{"logistics_code":"${code}","custom_template_infos":[{"custom_template_id":"9${template}","custom_template_code":"own_${template}","custom_template_name":"商品区","custom_template_url":"${templateUrl(9000 + template)}","custom_template_key_list":${keys},"parent_template_code":"${code}_76130","parent_template_id":"${template}"}]}`,
  )
  return { data: `{"custom_template_data":[${list.join(',')}]}` }
}

const MOST_ORDERS = 50

/**
 * logistics/newCreateOrder: orders that can have a number get one, and the others are named with their errors. An order with a pack_id that has
 * got a number gets the same one again, also after it was cancelled.
 */
export const newCreateOrder: DoudianMethod = (call) => {
  const code = readText(call.body, 'logistics_code')
  if (typeof code !== 'string') return code
  const book = bookOf(code)
  if (book === undefined) return invalid('没有开通该物流服务商的电子面单', 10003)
  const wrong = whyNotSender(call)
  if (wrong !== undefined) return wrong
  const orders = rows(call.body, 'order_infos')
  if (orders.length === 0) return missing('order_infos')
  if (orders.length > MOST_ORDERS) return invalid(`order_infos不能超过${MOST_ORDERS}`, 10003)
  const keys = orders.map((order) => `${textIn(order, 'order_id')} ${textIn(order, 'pack_id')}`)
  if (new Set(keys).size < keys.length) return invalid('order_id和pack_id重复', 1000)
  const answers = orders.map((order) => numberFor(call, { code, book }, order))
  const of = (kind: keyof Answer) => answers.flatMap((one) => one[kind] ?? []).join(',')
  return { data: `{"ebill_infos":[${of('given')}],"err_infos":[${of('refused')}]}` }
}

type Courier = { code: string; book: string }

type Answer = { given?: string; refused?: string }

function numberFor(call: DoudianCall, { code, book }: Courier, order: Json): Answer {
  const [id, pack] = [textIn(order, 'order_id'), textIn(order, 'pack_id')]
  const refused = ({ code: number, message }: Problem) => ({
    refused: `{"order_id":${quote(id)},"pack_id":${quote(pack)},"err_code":"${number}","err_msg":${quote(message)}}`,
  })
  const known = call.sandbox.world.labels.given.filter(
    ({ shop, tids, packageId }) => shop === call.shop && tids[0] === id && packageId === pack,
  )
  const wrong = known.length > 0 ? undefined : whyNotOrder(call, book, order)
  if (wrong !== undefined) return refused(wrong)
  const labels = known.length > 0 ? known : takeLabels(call.sandbox.world, call.shop, book, [wanted(order)])
  const [first] = labels ?? []
  if (labels === undefined || first === undefined) return refused(problem('4051', '电子面单余额不足'))
  const subs = labels.slice(1).map(({ waybill }) => waybill)
  return {
    given: `{"order_id":${quote(id)},"pack_id":${quote(pack)},"track_no":"${first.waybill}","company":"${code}","sort_code":"300-A1 08","package_center_code":"","package_center_name":"","short_address_code":"","short_address_name":"","extra_resp":"","sub_waybill_codes":"${subs.join(',')}","hint_msg":"","shipping_code":""}`,
  }
}

type Problem = { code: string; message: string }
const problem = (code: string, message: string): Problem => ({ code, message })

function whyNotSender({ shop, body }: DoudianCall): DoudianError | undefined {
  const sender = part(body, 'sender_info')
  const contact = part(sender, 'contact')
  if (textIn(contact, 'name') === '') return invalid('寄件人姓名不能为空', 4006)
  if (textIn(contact, 'mobile') === '' && textIn(contact, 'phone') === '')
    return invalid('寄件人电话不能为空', 4006)
  const { province, city, district, detail } = branchAddress(shop)
  const own = { country_code: 'CHN', province_name: province, city_name: city, district_name: district }
  const address = part(sender, 'address')
  const isOwn = Object.entries({ ...own, detail_address: detail }).every(
    ([key, value]) => textIn(address, key) === value,
  )
  return isOwn ? undefined : invalid('寄件人地址不在网点订购的发货地址内', 10003)
}

function whyNotOrder(call: DoudianCall, book: string, order: Json): Problem | undefined {
  const pack = order['pack_id']
  if (pack !== undefined && !/^\w{1,15}$/.test(String(pack))) return problem('1000', 'pack_id不合法')
  const tids = [textIn(order, 'order_id'), ...texts(order, 'combine_orders')]
  const trades = tids.map((tid) => call.shop.trades.get(tid))
  if (trades[0] === undefined) {
    const isOther = call.sandbox.world.shops.some(({ trades: all }) => all.has(tids[0] ?? ''))
    return isOther ? problem('15000', '订单不是该店铺下的订单') : problem('15002', '订单信息不存在')
  }
  const found = trades.flatMap((trade) => trade ?? [])
  if (found.length < trades.length) return problem('15002', '合单的订单信息不存在')
  if (!found.every(mayShip)) return problem('15003', '订单状态不允许取号')
  if (new Set(found.map(homeOf)).size > 1) return problem('15004', '合单的收件人不一致')
  const items = rows(order, 'items')
  if (
    items.length === 0 ||
    items.some((item) => textIn(item, 'item_name') === '' || !(Number(item['item_count']) > 0))
  )
    return problem('4006', '商品明细不能为空')
  return whyNotReceiver(part(order, 'receiver_info'), found) ?? whyNotParcel(order, book, found)
}

const mayShip = (trade: Trade) => isShippable(trade) && [2, 101].includes(orderStatus(trade.status, trade))

/** The receiver must be the ciphertext of one of the orders, or plain text; a courier can do nothing with a mask. Undefined: it is. */
function whyNotReceiver(receiver: Json, trades: readonly Trade[]): Problem | undefined {
  const [address, contact] = [part(receiver, 'address'), part(receiver, 'contact')]
  const named = [textIn(contact, 'name'), textIn(contact, 'mobile'), textIn(address, 'detail_address')]
  if (named.includes('')) return problem('4006', '收件人信息不能为空')
  for (const key of ['province_name', 'city_name', 'district_name'])
    if (textIn(address, key) === '') return problem('4006', `收件人${key}不能为空`)
  if (textIn(address, 'country_code') !== 'CHN') return problem('4006', 'country_code不合法')
  const isCipher = named.map((text) => /^(##|\$\$)/.test(text))
  if (named.some((text, at) => !isCipher[at] && text.includes('*')))
    return problem('4008', '收件人信息已脱敏')
  if (isCipher.every((one) => !one)) return undefined
  const isOwn = trades.some((trade) => ciphersOf(trade).every((cipher, at) => cipher === named[at]))
  return isOwn ? undefined : problem('4009', '收件人密文与订单不一致')
}

function whyNotParcel(order: Json, book: string, trades: readonly Trade[]): Problem | undefined {
  const count = textIn(order, 'total_pack_count')
  if (count === '1') return problem('1000', 'total_pack_count必须大于等于2')
  const weight = textIn(order, 'total_weight')
  if (weight !== '' && book !== 'SF') return problem('1000', 'total_weight仅支持顺丰')
  const services = servicesIn(order)
  if (services === undefined) return problem('4010', '增值服务的值不正确')
  const wrong = whyNotPackages(count, book) ?? whyNotPackage({ weight, services }, trades, book)
  return wrong === undefined ? undefined : problem('4010', wrong)
}

/** service_list in the form of the world's books, which are in yuan; undefined: an amount that is no whole number of fen. */
function servicesIn(order: Json): string | undefined {
  const list = rows(order, 'service_list')
  if (list.length === 0) return ''
  const pairs = list.map((one) => {
    const value = textIn(one, 'service_value')
    return [textIn(one, 'service_code'), value === '' ? {} : { value: (Number(value) / 100).toFixed(2) }]
  })
  return list.every((one) => /^\d{0,10}$/.test(textIn(one, 'service_value')))
    ? JSON.stringify(Object.fromEntries(pairs))
    : undefined
}

const wanted = (order: Json) => ({
  objectId: textIn(order, 'pack_id'),
  packageId: textIn(order, 'pack_id'),
  tids: [textIn(order, 'order_id'), ...texts(order, 'combine_orders')],
  weight: textIn(order, 'total_weight'),
  packages: textIn(order, 'total_pack_count'),
  services: servicesIn(order) ?? '',
  printData: (sealed: string, signature: string) => JSON.stringify({ print_data: sealed, sign: signature }),
})

/** logistics/waybillApply: the data of the labels of numbers that the shop has got. */
export const waybillApply: DoudianMethod = ({ sandbox, shop, body }) => {
  const asked = rows(body, 'waybill_applies')
  if (asked.length === 0) return missing('waybill_applies')
  if (asked.length > MOST_ORDERS) return invalid(`waybill_applies不能超过${MOST_ORDERS}`, 10003)
  const found = asked.map((one): { label?: Label; no: string } => {
    const no = textIn(one, 'track_no')
    const label = sandbox.world.labels.byWaybill.get(no)
    const isOwn = label?.shop === shop && label.courier === bookOf(textIn(one, 'logistics_code'))
    return isOwn && !label.cancelled ? { label, no } : { no }
  })
  const infos = found.flatMap(({ label, no }) => {
    if (label === undefined) return []
    const { print_data, sign } = { ...readJson(label.printData) }
    return `{"order_id":"${label.tids[0] ?? ''}","track_no":"${no}","print_data":${quote(String(print_data))},"sign":${quote(String(sign))}}`
  })
  const errors = found.flatMap(({ label, no }) =>
    label ? [] : `{"track_no":${quote(no)},"err_code":"4020","err_msg":"运单号不存在或已取消"}`,
  )
  return { data: `{"waybill_infos":[${infos.join(',')}],"err_infos":[${errors.join(',')}]}` }
}

/** logistics/cancelOrder: a cancelled number stays cancelled; the balance gets it back once. */
export const cancelOrder: DoudianMethod = ({ sandbox, shop, body }) => {
  const code = readText(body, 'logistics_code')
  if (typeof code !== 'string') return code
  const waybill = readText(body, 'track_no')
  if (typeof waybill !== 'string') return waybill
  const result = cancelLabel(sandbox.world, shop, { courier: bookOf(code) ?? '', waybill })
  if (result === 'unknown') return business(4020, '运单号不存在')
  return { data: `{"cancel_result":{"success":${result === 'cancelled'}}}` }
}

/** logistics/getShopKey: called by the print client with the query that the client's program has signed. */
export const getShopKey: DoudianMethod = ({ shop }) => ({
  data: `{"key":"${hash32(`shop key ${shop.key}`).toString(16)}"}`,
})

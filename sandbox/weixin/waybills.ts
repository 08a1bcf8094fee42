import { type Json, part, rows, textIn } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import { cancelLabel, figuresOf, takeLabels } from '../world/label-books.ts'
import { branchAddress, type Label, whyNotPackage } from '../world/labels.ts'
import { isShippable, type Shop, type Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { recordActivity } from '../world/world.ts'
import { badBody, idIn, longIn, type WxCall, type WxError, type WxMethod, wholeIn, wrong } from './call.ts'
import { addressJson } from './order-json.ts'

/** delivery_id and company_type (1 加盟, 2 直营) of the couriers to which each shop has bound an account. */
const BOUND: readonly (readonly [id: string, type: number, name: string])[] = [
  ['YTO', 1, '圆通速递'],
  ['ZTO', 1, '中通快递'],
  ['STO', 1, '申通快递'],
  ['YUNDA', 1, '韵达快递'],
  ['JTSD', 1, '极兔速递'],
  ['SF', 2, '顺丰速运'],
  ['EMS', 2, '邮政EMS'],
]

const subjectOf = (shop: Shop) => `50098${hash32(`ewaybill ${shop.key}`)}`
const accountOf = (shop: Shop, id: string) => `66${hash32(`account ${shop.key} ${id}`)}`
const siteOf = (id: string, type: number) => (type === 1 ? `${id}571001` : '')

/** ewaybill/biz/delivery/get: the couriers of the shop. */
export const deliveryGet: WxMethod = ({ shop }) => ({
  shop_id: subjectOf(shop),
  list: BOUND.map(([delivery_id, , delivery_name]) => ({ delivery_id, delivery_name })),
})

/** ewaybill/biz/account/get: with balances at most nineteen accounts a page. */
export const accountGet: WxMethod = ({ sandbox, shop, body }) => {
  const [offset, limit] = [wholeIn(body, 'offset') ?? 0, wholeIn(body, 'limit')]
  if (typeof body['need_balance'] !== 'boolean') return badBody('need_balance')
  if (limit === undefined || limit < 1 || (body['need_balance'] && limit >= 20)) return badBody('limit')
  const asked = idIn(body, 'delivery_id')
  const list = BOUND.filter(([id]) => asked === '' || id === asked).map(([id, type]) => {
    const { balance, used, cancelled } = figuresOf(sandbox.world, shop, id)
    const { province, city, district, detail } = branchAddress(shop)
    return {
      ...{ delivery_id: id, acct_type: 0, company_type: type, shop_id: subjectOf(shop) },
      ...{ acct_id: accountOf(shop, id), status: 3 },
      ...{ available: type === 1 ? balance : 0, allocated: used, recycled: 0, cancel: cancelled },
      sender_address: { province, city, county: district, street: '', address: detail },
      site_info: {
        ...{ delivery_id: id, site_status: 1, site_code: siteOf(id, type), site_name: `杭州余杭${id}网点` },
      },
    }
  })
  return { account_list: list.slice(offset, offset + limit), total_num: list.length }
}

const templateUrl = (id: string) => `https://res.wx.qq.com/shop/ewaybill/${id}_single.html`

/** ewaybill/biz/template/config: the standard labels of all couriers. */
export const templateConfig: WxMethod = () => ({
  config: Object.fromEntries(
    BOUND.map(([id]) => [
      id,
      {
        single: {
          ...{ type: 'single', desc: '一联单标准模板', width: 76, height: 130, url: templateUrl(id) },
          custom_config: { width: 656, height: 300, top: 900, left: 60 },
        },
      },
    ]),
  ),
})

const ownTemplate = (id: string) => `7${hash32(`template ${id}`)}`

/** ewaybill/biz/template/get: the seller's own labels, one for 圆通. */
export const templateGet: WxMethod = ({ body }) => {
  const asked = idIn(body, 'delivery_id')
  const own = BOUND.filter(([id]) => id === 'YTO' && (asked === '' || id === asked))
  return {
    total_template: own.map(([id]) => ({
      delivery_id: id,
      default_template_id: ownTemplate(id),
      template_list: [
        {
          ...{ template_id: ownTemplate(id), template_name: '带商品的一联单', template_type: 'single' },
          ...{ template_desc: '一联单标准模板', is_default: true },
          options: Array.from({ length: 8 }, (_, at) => ({
            ...{ option_id: at, font_size: 0, is_bold: false, is_open: at < 3 },
          })),
        },
      ],
    })),
  }
}

/** ewaybill/biz/order/precreate: checks a request and gives another number of an order each time. */
export const precreate: WxMethod = (call) =>
  whyNot(call) ?? { ewaybill_order_id: String(3_878_000_000_000_000_000n + BigInt(++precreated)) }

let precreated = 0

const MOST_ID = 2n ** 64n

/** ewaybill/biz/order/create: a number of an order that was used before, by any shop, is refused. */
export const create: WxMethod = (call) => {
  const { sandbox, shop, body } = call
  const id = idIn(body, 'ewaybill_order_id')
  if (!/^[1-9]\d{0,19}$/.test(id) || BigInt(id) >= MOST_ID)
    return wrong(10025020, 'EWaybill Order ID 的数据内容是Uint64，用字符串传递参数，请确认是否正确')
  if (sandbox.world.labels.given.some(({ objectId }) => objectId === id))
    return wrong(10025019, '电子面单已存在')
  const template = textIn(body, 'template_id')
  const problem = whyNot(call) ?? whyNotTemplate(body, template)
  if (problem !== undefined) return problem
  const courier = idIn(body, 'delivery_id')
  const [label] =
    takeLabels(sandbox.world, shop, courier, [
      {
        ...{ objectId: id, packageId: id, tids: tidsIn(body), ...packed(body), packages: '' },
        printData: (sealed, signature) => `wx:${sealed}.${signature}`,
      },
    ]) ?? []
  if (label === undefined) return courierRefused('面单余额不足')
  return {
    ...{ ewaybill_order_id: id, waybill_id: label.waybill, delivery_error_msg: '' },
    ...(template === '' ? {} : { print_info: label.printData }),
    ...{ waybill_id_list: [], order_risk_info: [], changed_info: [] },
  }
}

/** ewaybill/biz/order/get. */
export const orderGet: WxMethod = (call) => {
  const label = askedLabel(call)
  if ('errcode' in label) return label
  const { objectId, waybill, courier, tids, cancelled } = label
  const hasLeft = call.sandbox.world.waybills.has(waybill)
  return {
    order_info: {
      ...{ ewaybill_order_id: objectId, delivery_id: courier, waybill_id: waybill },
      ...{ ewaybill_acct_id: accountOf(call.shop, courier), shop_id: subjectOf(call.shop) },
      status: cancelled ? 2 : hasLeft ? 4 : prints.has(label) ? 3 : 1,
      ec_order_list: tids.map((tid) => ({ ec_order_id: tid })),
    },
  }
}

/** ewaybill/biz/print/get: the data of a label again. */
export const printGet: WxMethod = (call) => {
  const label = askedLabel(call)
  if ('errcode' in label) return label
  const { body } = call
  if (textIn(body, 'template_id') === '') return badBody('template_id')
  const problem = whyNotTemplate({ delivery_id: label.courier }, textIn(body, 'template_id'))
  return problem ?? (label.cancelled ? wrong(10025010, '电子面单不存在') : { print_info: label.printData })
}

/** ewaybill/biz/order/cancel: a cancelled number stays cancelled; the balance gets it back once. */
export const cancel: WxMethod = (call) => {
  const label = namedLabel(call, call.body)
  if ('errcode' in label) return label
  const result = cancelLabel(call.sandbox.world, call.shop, label)
  return result === 'cancelled' ? { delivery_error_msg: '' } : courierRefused('取消失败，快件已揽收')
}

/** How often each label was reported as printed. */
const prints = keptMap<Label, number>('weixin prints')

/** ewaybill/biz/order/print: the label came out of a printer. */
export const printed: WxMethod = (call) => notePrint(call, call.body) ?? {}

/** ewaybill/biz/order/batchprint: at most fifty labels. */
export const batchPrinted: WxMethod = (call) => {
  const list = rows(call.body, 'req_list')
  if (list.length === 0 || list.length > 50) return badBody('req_list')
  const bad = list.filter((one) => notePrint(call, one) !== undefined)
  const ids = (some: readonly Json[]) => some.map((one) => textIn(one, 'ewaybill_order_id'))
  return {
    succ_ewaybill_order_id: ids(list.filter((one) => !bad.includes(one))),
    fail_ewaybill_order_id: ids(bad),
  }
}

function notePrint(call: WxCall, body: Json): WxError | undefined {
  const again = wholeIn(body, 're_print')
  if (again !== 0 && again !== 1) return badBody('re_print')
  const label = namedLabel(call, body)
  if ('errcode' in label) return label
  prints.set(label, (prints.get(label) ?? 0) + 1)
  recordActivity(call.sandbox.world, call.shop, {
    ...{ action: 'waybill_print', key: label.waybill, accepted: true },
    detail: { again: String(again), objectId: label.objectId },
  })
  return undefined
}

const askedLabel = ({ sandbox, shop, body }: WxCall): Label | WxError =>
  sandbox.world.labels.given.find(
    (one) => one.shop === shop && one.objectId === idIn(body, 'ewaybill_order_id'),
  ) ?? wrong(10025010, '电子面单订单不存在，请确认面单ID')

function namedLabel(call: WxCall, body: Json): Label | WxError {
  const label = askedLabel({ ...call, body })
  if ('errcode' in label) return label
  const isSame = label.courier === idIn(body, 'delivery_id') && label.waybill === idIn(body, 'waybill_id')
  return isSame ? label : wrong(10025010, '电子面单不存在')
}

const courierRefused = (why: string): WxError => ({
  ...wrong(10025005, '电子面单取号失败，请参考delivery_error_msg字段后重试'),
  more: { delivery_error_msg: why },
})

function whyNotTemplate(body: Json, template: string): WxError | undefined {
  const known = ['', 'single', ownTemplate(idIn(body, 'delivery_id'))]
  return known.includes(template) ? undefined : wrong(10025106, '模板不存在')
}

const tidsIn = (body: Json) => rows(body, 'ec_order_list').map((order) => longIn(order, 'ec_order_id'))

function whyNot(call: WxCall): WxError | undefined {
  const { shop, body } = call
  const bound = BOUND.find(([id]) => id === idIn(body, 'delivery_id'))
  if (bound === undefined) return wrong(10025012, 'delivery_id错误')
  const [id, type] = bound
  if (type === 1 && idIn(body, 'site_code') !== siteOf(id, type)) return wrong(10025013, '网点信息错误')
  if (idIn(body, 'ewaybill_acct_id') !== accountOf(shop, id) || idIn(body, 'shop_id') !== subjectOf(shop))
    return wrong(10025014, '网点账号编码错误')
  const { province, city, district, detail } = branchAddress(shop)
  const sender = part(body, 'sender')
  if (idIn(sender, 'name') === '' || idIn(sender, 'mobile') === '') return badBody('sender')
  const own = { province, city, county: district, address: detail }
  if (Object.entries(own).some(([key, value]) => idIn(sender, key) !== value))
    return courierRefused('寄件地址与绑定的发货地址不一致')
  return whyNotOrders(call, id)
}

const orderWrong = wrong(10025017, '小店订单信息错误，请检查小店订单相关字段')

/** The orders must be of this shop, wait to be shipped and have one receiver, which the request repeats as the orders show it. */
function whyNotOrders({ shop, body }: WxCall, courier: string): WxError | undefined {
  const list = rows(body, 'ec_order_list')
  if (list.length === 0) return badBody('ec_order_list')
  const trades = tidsIn(body).flatMap((tid) => shop.trades.get(tid) ?? [])
  if (trades.length < list.length || !trades.every(isShippable)) return orderWrong
  for (const order of list) {
    const goods = rows(order, 'goods_list')
    if (
      goods.length === 0 ||
      goods.some((one) => textIn(one, 'good_name') === '' || !((wholeIn(one, 'good_count') ?? 0) > 0))
    )
      return badBody('goods_list')
  }
  const [first = {}, ...others] = trades.map(addressJson)
  if (others.some((address) => address['hash_code'] !== first['hash_code'])) return orderWrong
  const receiver = part(body, 'receiver')
  const names = {
    name: 'user_name',
    mobile: 'tel_number',
    province: 'province_name',
    city: 'city_name',
    county: 'county_name',
  }
  const isOwn = Object.entries({ ...names, address: 'detail_info' }).every(
    ([key, of]) => textIn(receiver, key) === first[of],
  )
  return isOwn ? whyNotServices(body, trades, courier) : orderWrong
}

function whyNotServices(body: Json, trades: readonly Trade[], courier: string): WxError | undefined {
  const { weight, services } = packed(body)
  if (weight !== '' && courier !== 'SF') return badBody('delivery_info')
  if (rows(body, 'order_vas_list').some((one) => !/^\d{0,10}$/.test(textIn(one, 'vas_value'))))
    return badBody('order_vas_list')
  // 保价 has one code with all couriers here, and in the world's books one of 顺丰 and one of the others.
  const booked = courier === 'SF' ? services : services.replace('"INSURE"', '"SVC-INSURE"')
  const problem = whyNotPackage({ weight, services: booked }, trades, courier)
  return problem === undefined ? undefined : courierRefused(problem)
}

/** Weight and services in the form of the world's books, which are in yuan. */
function packed(body: Json): Pick<Label, 'weight' | 'services'> {
  const pairs = rows(body, 'order_vas_list').map((one) => {
    const value = textIn(one, 'vas_value')
    return [textIn(one, 'vas_type'), value === '' ? {} : { value: (Number(value) / 100).toFixed(2) }]
  })
  const [parcel = {}] = rows(part(body, 'delivery_info'), 'subpackage_list')
  return {
    weight: textIn(parcel, 'weight_g'),
    services: pairs.length === 0 ? '' : JSON.stringify(Object.fromEntries(pairs)),
  }
}

import { type Json, part, textIn } from '../json-parts.ts'
import type { Sandbox } from '../state.ts'
import { type LabelMode, nextWaybill } from '../world/labels.ts'
import { hash32 } from '../world/random.ts'

/** An enterprise at 快递100, with its account at the branches of couriers. */
export interface Enterprise {
  key: string
  secret: string
  customer: string
  partnerId: string
  partnerKey: string
  /** True: its key has ended (code 601). */
  ended: boolean
  /** Labels that it has paid for; null: without an end. */
  left: number | null
}

export const kuaidi100Demo: Enterprise = {
  key: 'kdDemo100aBcD',
  secret: '7e1f3a5c9b2d4f60a8c1e3d5b7f90246',
  customer: '5D8A1C3E7B9F2046A8C0E2D4F6B81357',
  partnerId: 'K57100086',
  partnerKey: 'yt-Demo-2026',
  ended: false,
  left: null,
}

/** A number that was given. `orderId` is the client's own key. */
export interface Kuaidi100Label {
  key: string
  courier: string
  waybill: string
  /** The sub-numbers of the packages after the first. */
  children: string[]
  orderId: string
  /** The courier's own number of the order, wanted on cancelling; some couriers give none. */
  courierOrder: string
  weight: string
  collection: string
  insured: string
  receiver: string
  /** Epoch seconds. */
  at: number
  cancelled: boolean
}

export interface Kuaidi100 {
  enterprises: Map<string, Enterprise>
  given: Kuaidi100Label[]
  /** How a repeated `orderId` with `reorder: false` is answered: with the same number, or as sent twice (501). */
  mode: LabelMode
}

export const createKuaidi100 = (): Kuaidi100 => ({
  enterprises: new Map([[kuaidi100Demo.key, { ...kuaidi100Demo }]]),
  given: [],
  mode: 'same_number',
})

export interface LabelCall {
  sandbox: Sandbox
  enterprise: Enterprise
  param: Json
  /** Epoch seconds. */
  now: number
}

export type LabelAnswer = { code: number; message: string; data?: string }

/** The couriers that are served, with the code of the form of their numbers, and whether they number orders themselves. */
const COURIERS: Readonly<Record<string, readonly [form: string, ownNumber: boolean]>> = {
  shunfeng: ['SF', true],
  yuantong: ['YTO', false],
  zhongtong: ['ZTO', true],
  shentong: ['STO', false],
  yunda: ['YUNDA', false],
  jtexpress: ['JTSD', true],
  jd: ['JD', true],
  ems: ['EMS', false],
  youzhengguonei: ['POSTB', false],
  debangkuaidi: ['DBKD', true],
}

/** The couriers with sub-numbers. */
const CHILDREN = new Set(['shunfeng', 'jd', 'debangkuaidi'])

const PRINT_TYPES = ['NON', 'IMAGE', 'HTML', 'CMD', 'CLOUD', 'ORDERFIRST']
const PAY_TYPES = ['SHIPPER', 'CONSIGNEE', 'MONTHLY', 'THIRDPARTY']
/** Seconds for which `reorder: false` remembers an `orderId`. */
const REMEMBERED = 48 * 3600

export const wrongParam = (what: string): LabelAnswer => ({ code: 400, message: `参数错误：${what}` })

/** method order: one parcel gets a number, with sub-numbers if it has several packages. */
export function order(call: LabelCall): LabelAnswer {
  const { sandbox, enterprise, param, now } = call
  const wrong = whyNotOrder(call)
  if (wrong !== undefined) return wrong
  const [courier, orderId] = [textIn(param, 'kuaidicom'), textIn(param, 'orderId')]
  const books = sandbox.kuaidi100
  const before = books.given.findLast(
    (one) =>
      one.key === enterprise.key && one.courier === courier && one.orderId === orderId && !one.cancelled,
  )
  if (param['reorder'] === false && orderId !== '' && before && now - before.at < REMEMBERED)
    return books.mode === 'same_number'
      ? { code: 30011, message: '重复下单，返回上次结果', data: written(before) }
      : { code: 501, message: '重复提交' }
  const packages = Number(textIn(param, 'count') || '1')
  if (enterprise.left !== null && enterprise.left < packages)
    return { code: 601, message: 'KEY已过期，账号无可用单量' }
  if (enterprise.left !== null) enterprise.left -= packages
  const [form = '', ownNumber = false] = COURIERS[courier] ?? []
  const waybill = nextWaybill(sandbox.world.labels, form)
  const label: Kuaidi100Label = {
    ...{ key: enterprise.key, courier, waybill, orderId, at: now, cancelled: false },
    children: Array.from({ length: packages - 1 }, () => nextWaybill(sandbox.world.labels, form)),
    courierOrder: ownNumber ? `01${hash32(waybill)}` : '',
    ...{ weight: textIn(param, 'weight'), collection: textIn(param, 'collection') },
    insured: textIn(param, 'valinsPay'),
    receiver: textIn(part(param, 'recMan'), 'printAddr'),
  }
  books.given.push(label)
  return { code: 200, message: 'success', data: written(label) }
}

/** method cancel: a number whose parcel has not left. Cancelling twice changes nothing. */
export function cancel({ sandbox, enterprise, param }: LabelCall): LabelAnswer {
  for (const name of ['kuaidicom', 'kuaidinum'])
    if (textIn(param, name) === '') return wrongParam(`${name}不能为空`)
  const partner = whyNotPartner(enterprise, param)
  if (partner !== undefined) return partner
  const label = sandbox.kuaidi100.given.find(
    (one) =>
      one.key === enterprise.key &&
      one.courier === textIn(param, 'kuaidicom') &&
      one.waybill === textIn(param, 'kuaidinum'),
  )
  if (label === undefined) return { code: 30009, message: '查无此单' }
  if (label.courierOrder !== textIn(param, 'orderId'))
    return wrongParam('orderId与下单时返回的kdComOrderNum不一致')
  if (sandbox.world.waybills.has(label.waybill)) return { code: 201, message: '取消失败，快件已揽收' }
  if (!label.cancelled && enterprise.left !== null) enterprise.left += 1 + label.children.length
  label.cancelled = true
  return { code: 200, message: 'success' }
}

function whyNotOrder({ enterprise, param }: LabelCall): LabelAnswer | undefined {
  const courier = textIn(param, 'kuaidicom')
  if (courier === '') return wrongParam('kuaidicom不能为空')
  if (!Object.hasOwn(COURIERS, courier)) return { code: 500, message: `快递公司编码${courier}不支持` }
  const print = textIn(param, 'printType')
  if (!PRINT_TYPES.includes(print)) return wrongParam('printType')
  if ((print === 'CLOUD' || print === 'ORDERFIRST') && textIn(param, 'siid') === '')
    return wrongParam('siid不能为空')
  if (print !== 'NON' && textIn(param, 'tempId') === '') return wrongParam('tempId不能为空')
  for (const man of ['recMan', 'sendMan']) {
    const wrong = whyNotMan(man, part(param, man))
    if (wrong !== undefined) return wrong
  }
  if (!PAY_TYPES.includes(textIn(param, 'payType') || 'SHIPPER')) return wrongParam('payType')
  if (textIn(param, 'cargo') === '') return wrongParam('cargo不能为空')
  if (!/^[1-9]\d{0,3}$/.test(textIn(param, 'count') || '1')) return wrongParam('count')
  if (Number(textIn(param, 'count') || '1') > 1) {
    if (textIn(param, 'needChild') !== '1') return wrongParam('count大于1时needChild应为1')
    if (!CHILDREN.has(courier)) return wrongParam('该快递公司不支持子母件')
  }
  if (!/^(\d{1,5}(\.\d{1,3})?)?$/.test(textIn(param, 'weight'))) return wrongParam('weight单位为KG')
  if (!/^(\d{1,7}(\.\d{1,2})?)?$/.test(textIn(param, 'collection'))) return wrongParam('collection')
  if (!/^(\d{1,5}(\.\d{1,2})?)?$/.test(textIn(param, 'valinsPay'))) return wrongParam('valinsPay')
  if (Number(textIn(param, 'valinsPay')) > 20_000) return wrongParam('valinsPay超过上限')
  if (textIn(param, 'orderId').length > 32) return wrongParam('orderId过长')
  return whyNotPartner(enterprise, param)
}

function whyNotMan(name: string, man: Json): LabelAnswer | undefined {
  if (textIn(man, 'name') === '') return wrongParam(`${name}.name不能为空`)
  const [mobile, tel] = [textIn(man, 'mobile'), textIn(man, 'tel')]
  if (mobile === '' && tel === '') return wrongParam(`${name}.mobile和tel不能同时为空`)
  if (mobile !== '' && !/^1\d{10}$/.test(mobile)) return wrongParam(`${name}.mobile`)
  if (textIn(man, 'printAddr').length < 8) return wrongParam(`${name}.printAddr`)
  return undefined
}

/** The courier itself knows the partner, so 快递100 passes on its words. */
export function whyNotPartner(enterprise: Enterprise, param: Json): LabelAnswer | undefined {
  if (textIn(param, 'partnerId') === '') return wrongParam('partnerId不能为空')
  const fits = (['partnerId', 'partnerKey'] as const).every(
    (name) => textIn(param, name) === enterprise[name],
  )
  return fits ? undefined : { code: 30003, message: '电子面单账号或密码错误' }
}

/** The sorting codes depend on the receiver's address, as the couriers' do. */
function written({ waybill, children, receiver, courierOrder }: Kuaidi100Label): string {
  const place = hash32(receiver)
  const routing = `${100 + (place % 900)}-${10 + (place % 89)}-${String(place % 1000).padStart(3, '0')}`
  return JSON.stringify({
    taskId: hash32(waybill).toString(16).padStart(8, '0').repeat(4),
    ...{
      kuaidinum: waybill,
      childNum: children.join(),
      returnNum: '',
      label: '',
      bulkpen: routing,
      orgCode: '571',
      orgName: '杭州',
    },
    ...{ destCode: String(10 + (place % 89)), destName: receiver.slice(0, 6), orgSortingCode: '57101' },
    ...{ orgSortingName: '杭州余杭', destSortingCode: String(place % 100_000), destSortingName: '目的分拨' },
    ...{
      pkgCode: `P${place % 1000}`,
      pkgName: `${receiver.slice(0, 3)}集`,
      road: String(place % 60),
      qrCode: '',
    },
    ...{ kdComOrderNum: courierOrder, expressCode: '', expressName: '标准快递' },
  })
}

import { type Json, part, readJson, textIn } from '../json-parts.ts'
import { payment, type Shop, type Trade } from './model.ts'
import { hash32 } from './random.ts'

/** A waybill number that an e-waybill service gave to a shop, with the label's data. */
export interface Label {
  shop: Shop
  courier: string
  waybill: string
  /** The main number of a parcel of several packages; empty: it has one. */
  parent: string
  /** The client's own key of the request. */
  objectId: string
  packageId: string
  tids: string[]
  printData: string
  /** Grams and services of the request, as it wrote them; empty: it had none. */
  weight: string
  services: string
  cancelled: boolean
}

/** What happens to a request whose key is known already; see `unclear` of our own contract, which the simulator does not read. */
export const LABEL_MODES = ['look_up', 'same_number', 'neither'] as const
export type LabelMode = (typeof LABEL_MODES)[number]

/** The e-waybill books of the world. */
export interface Labels {
  byWaybill: Map<string, Label>
  /** Every number given, in order, including numbers whose answer was lost. */
  given: Label[]
  /** Numbers that a shop may still take, by `shop courier`. */
  balances: Map<string, number>
  modes: Map<string, LabelMode>
  nextNumber: number
}

export const createLabels = (): Labels => ({
  byWaybill: new Map(),
  given: [],
  balances: new Map(),
  modes: new Map(),
  nextNumber: 1,
})

/** The number of the next label, in the form of its courier. */
export function nextWaybill(labels: Labels, courier: string): string {
  const count = labels.nextNumber++
  const digits = String(count).padStart(10, '0')
  switch (courier) {
    case 'SF':
      return `SF15${digits}`
    case 'YTO':
      return `YT880${digits}`
    case 'ZTO':
      return `786${digits}`
    case 'STO':
      return `773${digits}`
    case 'JTSD':
      return `JT300${digits}`
    case 'EMS':
      return `12${digits}0`.slice(0, 13)
    case 'POSTB':
    case 'YZXB':
      return `98${digits}0`
    default:
      return `431${digits}`
  }
}

const STARTING_BALANCE = 100_000

export const balanceOf = (labels: Labels, shop: Shop, courier: string) =>
  labels.balances.get(`${shop.key} ${courier}`) ?? STARTING_BALANCE

export function setBalance(labels: Labels, shop: Shop, courier: string, balance: number): void {
  labels.balances.set(`${shop.key} ${courier}`, balance)
}

/** The labels of the same request before, in the mode in which the same key gives the same numbers; in other modes none. */
export function repeatedLabels(labels: Labels, shop: Shop, courier: string, objectId: string): Label[] {
  if (labels.modes.get(shop.key) !== 'same_number') return []
  return labels.given.filter(
    (one) => one.shop === shop && one.courier === courier && one.objectId === objectId && !one.cancelled,
  )
}

/** A parcel of a request. `printData` makes the data of its label from what the service has sealed. */
export type LabelRequest = Pick<Label, 'objectId' | 'packageId' | 'tids' | 'weight' | 'services'> & {
  printData: (sealed: string, signature: string) => string
  /** 总包裹数, as the request wrote it; empty: one. */
  packages: string
}

/** The couriers with a number for each package, and whether the main number is a number of its own (快运) or that of the first package. */
const PACKAGES: Readonly<Record<string, boolean>> = {
  ...{ SF: false, JD: false, DBKD: false, DB: false },
  CN7000001021040: true,
}

export const packagesOf = ({ packages }: Pick<LabelRequest, 'packages'>) => Number(packages || 1)

/** Returns what is wrong with the number of packages; undefined: nothing. */
export function whyNotPackages(packages: string, courier: string): string | undefined {
  if (packages === '' || packages === '1') return undefined
  if (!/^[1-9]\d?$/.test(packages)) return '总包裹数应是 1 到 99 的整数'
  return Object.hasOwn(PACKAGES, courier) ? undefined : '该快递公司不支持子母件'
}

/** Gives a number to each package, and keeps their labels. */
export function giveLabels(
  world: { labels: Labels; seed: string },
  shop: Shop,
  request: LabelRequest & Pick<Label, 'courier'>,
): Label[] {
  const count = packagesOf(request)
  const own =
    count > 1 && PACKAGES[request.courier] === true ? nextWaybill(world.labels, request.courier) : ''
  const made = Array.from({ length: count }, () => giveLabel(world, shop, request))
  if (count > 1) for (const label of made) label.parent = own || (made[0]?.waybill ?? '')
  return made
}

/** Gives a number and keeps its label. The sealed data cannot be read back, as with the real services. */
function giveLabel(
  { labels, seed }: { labels: Labels; seed: string },
  shop: Shop,
  { printData, packages: _packages, ...of }: LabelRequest & Pick<Label, 'courier'>,
): Label {
  const waybill = nextWaybill(labels, of.courier)
  const secret = hash32(`${seed} ${waybill}`).toString(36)
  const sealed = Buffer.from(`${waybill} ${secret}`.repeat(20)).toString('base64')
  const label: Label = {
    ...{ ...of, shop, waybill, parent: '' },
    ...{ printData: printData(sealed, secret), cancelled: false },
  }
  labels.given.push(label)
  labels.byWaybill.set(waybill, label)
  return label
}

/** 增值服务 of a branch: code, name, and whether it wants a value. */
export type LabelService = readonly [code: string, name: string, valued: boolean]

const COD: LabelService = ['SVC-COD', '代收货款', true]
const INSURE: LabelService = ['SVC-INSURE', '保价服务', true]

/** What the branches of a courier offer. The codes of delivery to the door are the simulator's own. */
export function servicesOf(courier: string): readonly LabelService[] {
  switch (courier) {
    case 'SF':
      return [
        ['COD', '代收货款', true],
        ['INSURE', '保价', true],
        ['SF-TO-DOOR', '派送上门', false],
      ]
    case 'YTO':
      return [COD, INSURE, ['SVC-PICKUP', '上门取件', false], ['SVC-TO-DOOR', '按需派送（送货上门）', false]]
    case 'ZTO':
      return [COD, INSURE]
    default:
      return [COD]
  }
}

/** Yuan: no courier insures more. */
const MOST_INSURED = 20_000

/**
 * Returns what is wrong with weight and services of a request; undefined: nothing. Cash on delivery is collected for the trades that have
 * it, to the cent, and for no others.
 */
export function whyNotPackage(
  { weight, services }: Pick<Label, 'weight' | 'services'>,
  trades: readonly Trade[],
  courier: string,
): string | undefined {
  if (weight !== '' && !/^[1-9]\d{0,7}$/.test(weight)) return '重量应是以克为单位的正整数'
  const asked = services === '' ? {} : parsed(services)
  if (asked === undefined) return 'logistics_services不是合法的JSON'
  const offered = servicesOf(courier)
  for (const [code, service] of Object.entries(asked)) {
    const found = offered.find(([known]) => known === code)
    if (found === undefined) return '没有开通该物流服务'
    const value = textIn(service, 'value')
    if (found[2] !== (value !== '')) return '物流服务的值不正确'
    if (!code.endsWith('INSURE')) continue
    if (!/^\d{1,7}\.\d\d$/.test(value) || Number(value) <= 0) return '保价金额不正确'
    if (Number(value) > MOST_INSURED) return '保价金额超过上限'
  }
  const due = trades.filter(({ type }) => type === 'cod').reduce((sum, trade) => sum + payment(trade), 0)
  const collected = Object.entries(asked).find(([code]) => code.endsWith('COD'))
  const wanted = due === 0 ? '' : (due / 100).toFixed(2)
  return textIn(collected?.[1] ?? {}, 'value') === wanted ? undefined : '代收货款金额与订单不一致'
}

function parsed(text: string): Record<string, Json> | undefined {
  const value = readJson(text)
  if (value === undefined) return undefined
  return Object.fromEntries(Object.keys(value).map((code) => [code, part(value, code)]))
}

/** Where a shop's parcels start, as the e-waybill service has it. */
export function branchAddress(shop: Shop): {
  province: string
  city: string
  district: string
  detail: string
} {
  const house = (hash32(`branch ${shop.key}`) % 200) + 1
  return { province: '浙江省', city: '杭州市', district: '余杭区', detail: `仓前街道文一西路${house}号` }
}

/** Every number that a shop was given, the oldest first. */
export const labelBook = (labels: Labels, shop: Shop) =>
  labels.given
    .filter((label) => label.shop === shop)
    .map(({ shop: _shop, printData: _printData, ...label }) => label)

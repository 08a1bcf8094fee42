import { payment, type Shop, type Trade } from './model.ts'
import { hash32 } from './random.ts'

/** A waybill number that an e-waybill service gave to a shop, with the label's data. */
export interface Label {
  shop: Shop
  courier: string
  waybill: string
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

/** The label of the same request before, in the mode in which the same key gives the same number. */
export function repeatedLabel(
  labels: Labels,
  shop: Shop,
  courier: string,
  objectId: string,
): Label | undefined {
  if (labels.modes.get(shop.key) !== 'same_number') return undefined
  return labels.given.find(
    (one) => one.shop === shop && one.courier === courier && one.objectId === objectId && !one.cancelled,
  )
}

/** A parcel of a request. `printData` makes the data of its label from what the service has sealed. */
export type LabelRequest = Pick<Label, 'objectId' | 'packageId' | 'tids' | 'weight' | 'services'> & {
  printData: (sealed: string, signature: string) => string
}

/** Gives a number and keeps its label. The sealed data cannot be read back, as with the real services. */
export function giveLabel(
  { labels, seed }: { labels: Labels; seed: string },
  shop: Shop,
  { printData, ...of }: LabelRequest & Pick<Label, 'courier'>,
): Label {
  const waybill = nextWaybill(labels, of.courier)
  const secret = hash32(`${seed} ${waybill}`).toString(36)
  const sealed = Buffer.from(`${waybill} ${secret}`.repeat(20)).toString('base64')
  const label: Label = { ...of, shop, waybill, printData: printData(sealed, secret), cancelled: false }
  labels.given.push(label)
  labels.byWaybill.set(waybill, label)
  return label
}

/**
 * Returns what is wrong with weight and services of a request; undefined: nothing. Cash on delivery is collected for the trades that have
 * it, to the cent, and for no others.
 */
export function whyNotPackage(
  { weight, services }: Pick<Label, 'weight' | 'services'>,
  trades: readonly Trade[],
): string | undefined {
  if (weight !== '' && !/^[1-9]\d{0,7}$/.test(weight)) return '重量应是以克为单位的正整数'
  const asked = services === '' ? {} : parsed(services)
  if (asked === undefined) return 'logistics_services不是合法的JSON'
  if (Object.keys(asked).some((code) => code !== 'SVC-COD')) return '没有开通该物流服务'
  const due = trades.filter(({ type }) => type === 'cod').reduce((sum, trade) => sum + payment(trade), 0)
  const wanted = due === 0 ? {} : { 'SVC-COD': { value: (due / 100).toFixed(2) } }
  return JSON.stringify(asked) === JSON.stringify(wanted) ? undefined : '代收货款金额与订单不一致'
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
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
